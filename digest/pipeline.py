"""The one-way flow; the only module that knows two stages.

    sources ─ collect ─> posts ─ curate ─> picks ─ summarize ─> stories ─ compose ─> issue
                                                                                       │
            an approved revision <─ approve ─ a frozen revision <─ freeze ─ drafts <─ render

A stage decides and returns a value. What must last is saved here and nowhere else: posts by the
collector's ports, revisions and fates by the port ``Issues``.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from digest import collect as collecting
from digest.collect import Progress, collect, complete
from digest.compose import compose
from digest.curate import curate
from digest.errors import DraftError, NothingToDo, SourceError
from digest.model import Collected, Edition, Issue, Mail, Period, Post, Revision, Thread
from digest.ports import Feeds, Issues, Network, Posts, Source, Summarizer
from digest.render.letterhead import Letterhead
from digest.render.mail import render
from digest.render.preflight import Finding, preflight
from digest.render.templates import Templates
from digest.render.thread import plan
from digest.summarize import summarize
from digest.text.script import language_of

LOOK_BACK = timedelta(weeks=4)  # what a theme's change is measured against


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """The adapters a flow runs on, put together by ``digest.app``."""

    sources: Sequence[Source]
    feeds: Feeds
    posts: Posts
    issues: Issues
    summarizer: Summarizer
    networks: Sequence[Network]
    templates: Templates
    letterhead: Letterhead


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A saved revision, what preflight says of it, and why which texts could not be had."""

    revision: Revision
    findings: tuple[Finding, ...]
    unread: tuple[str, ...] = ()


Window = Callable[[str], Period]  # time zone (an IANA name) -> the period wanted in it


def poll(kit: Kit, now: datetime) -> tuple[Collected, ...]:
    """Poll every source and save what is new or changed, as far as the source lists it."""
    return collect(kit.sources, kit.feeds, kit.posts, now=now)


def gather(kit: Kit, now: datetime, *, progress: Progress | None = None) -> tuple[Collected, ...]:
    """Poll every source, fetch the full text of what is new or changed, and save it all."""
    collected = poll(kit, now)
    fresh = [post for one in collected for post in (*one.new, *one.changed)]
    complete(kit.sources, kit.feeds, fresh, progress=progress)
    return collected


def release(kit: Kit, now: datetime, urls: Sequence[str] = ()) -> tuple[Post, ...]:
    """Let held posts in: those at *urls*, else all that came in a flood; return them."""
    names = [source.name for source in kit.sources]
    return collecting.release(names, kit.feeds, kit.posts, urls=urls, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the editor asks for: addresses of posts to feature or leave out, and posts to add."""

    pins: tuple[str, ...] = ()
    bans: tuple[str, ...] = ()
    added: tuple[Post, ...] = ()


def draft(
    kit: Kit,
    edition: Edition,
    window: Window,
    now: datetime,
    wishes: Wishes | None = None,
    *,
    least: int = 0,
) -> Drafted:
    """Choose, summarize, compose, render and save the issue of the *window*, after ``poll``.

    What *edition* leaves open (title, language, zone, site) is what the first source says of
    itself, and the language else what the titles are written in. NothingToDo where the period
    holds no post, or fewer than *least* to tell; the message says how many, or the newest.
    """
    edition = resolve(edition, kit)
    period = window(edition.timezone)
    names = [source.name for source in kit.sources]
    listed = _listed(kit, names, period, edition)
    if not listed:
        raise _empty(kit, names, period, now, edition.timezone)
    if not edition.language:
        edition = replace(edition, language=language_of(" ".join(p.title for p in listed)))
    wishes = wishes or Wishes()
    posts = _with(wishes.added, complete(kit.sources, kit.feeds, listed))
    issue = _issue(kit, edition, period, posts, names, wishes)
    if (told := sum(fate in ("featured", "listed") for fate in issue.fates.values())) < least:
        raise NothingToDo(issue.id, f"{told} new posts to tell, and {least} are the fewest wanted")
    revision = kit.issues.save(freeze(issue, *drafts(kit, issue), now))
    return Drafted(revision=revision, findings=preflight(revision), unread=_unread(posts))


def _listed(kit: Kit, names: Sequence[str], period: Period, edition: Edition) -> tuple[Post, ...]:
    """Return the posts of *period*, and those that earlier periods could not know of, first."""
    own = kit.posts.within(names, period)
    if period.since is None:
        return own
    known = {post.id for post in own}
    issue = f"{edition.name}-{period.label}"
    late = kit.posts.undecided(names, period.since, period.end, edition.name, issue)
    return (*(post for post in late if post.id not in known), *own)


def _unread(posts: Sequence[Post]) -> tuple[str, ...]:
    """Return a line for each reason why full texts are missing, with the number of posts."""
    reasons = Counter(post.note for post in posts if post.note and post.text_from == "feed")
    return tuple(
        f"{count} of {len(posts)} posts are told from the feed's text alone: {reason}"
        for reason, count in reasons.most_common()
    )


def warnings(collected: Sequence[Collected]) -> Iterator[str]:
    """Yield what a person should know of the sources, those that failed first."""
    for one in collected:
        if one.failed:
            yield f"{one.source}: {one.failed.cause}. {one.failed.remedy}".rstrip()
    for one in collected:
        yield from one.warnings
        if one.held:
            yield f"{one.source}: {len(one.held)} posts are held back"


def resolve(edition: Edition, kit: Kit) -> Edition:
    """Return *edition* with its blanks filled from what the sources say of themselves."""
    said = [kit.feeds.about(source.name) for source in kit.sources]

    def first(own: str, name: str, otherwise: str) -> str:
        return own or next((a for about in said if (a := getattr(about, name))), otherwise)

    return replace(
        edition,
        title=first(edition.title, "title", ""),
        language=first(edition.language, "language", ""),
        timezone=first(edition.timezone, "timezone", "UTC"),
        site=first(edition.site, "site", ""),
    )


def _issue(
    kit: Kit,
    edition: Edition,
    period: Period,
    posts: Sequence[Post],
    names: Sequence[str],
    wishes: Wishes,
) -> Issue:
    earlier = kit.posts.within(names, Period(start=period.start - LOOK_BACK, end=period.start))
    own = {post.id for post in posts}
    before = [post for post in earlier if post.id not in own]
    fates = kit.issues.fates(edition.name, besides=f"{edition.name}-{period.label}")
    asked = (*wishes.pins, *(post.url for post in wishes.added))
    pins, bans = _ids(asked, posts, period), _ids(wishes.bans, posts, period)
    strength = {post.id: kit.summarizer.strength(post) for post in posts}
    selection = curate(
        posts, period, edition, before=before, fates=fates, pins=pins, bans=bans, strength=strength
    )
    stories = summarize(selection.picks, kit.summarizer, edition)
    return compose(stories, selection, posts, edition=edition, period=period)


def _with(added: Sequence[Post], posts: Sequence[Post]) -> tuple[Post, ...]:
    """Return *posts* and those of *added* that are not among them already."""
    known = {post.url.rstrip("/") for post in posts}
    return (*posts, *(post for post in added if post.url.rstrip("/") not in known))


def _ids(urls: Sequence[str], posts: Sequence[Post], period: Period) -> tuple[str, ...]:
    """Return the ids of the posts at *urls*; DraftError names one that is not of the period."""
    by_url = {post.url.rstrip("/"): post.id for post in posts}
    for url in urls:
        if url.rstrip("/") not in by_url:
            raise DraftError(url, f"{period.label} has no post there", "Look at: digest show")
    return tuple(by_url[url.rstrip("/")] for url in urls)


def drafts(kit: Kit, issue: Issue) -> tuple[Mail, tuple[Thread, ...]]:
    """Return the email and the threads of *issue*."""
    mail = render(issue, kit.templates, kit.letterhead)
    return mail, tuple(plan(issue, network) for network in kit.networks)


def freeze(issue: Issue, mail: Mail, threads: tuple[Thread, ...], now: datetime) -> Revision:
    """Return the revision of *issue* with its hash; the store gives it its number."""
    content = msgspec.json.encode((issue, mail, threads))
    digest = sha256(content).hexdigest()
    return Revision(issue=issue, number=0, hash=digest, created=now, mail=mail, threads=threads)


def approve(issues: Issues, revision: Revision, now: datetime) -> Revision:
    """Approve *revision* if preflight finds no error in it; DraftError names the first."""
    for finding in preflight(revision):
        if finding.level == "error":
            raise DraftError(
                f"{revision.issue.id}: {finding.subject}", finding.cause, finding.remedy
            )
    return issues.approve(revision, now)


def failure(collected: Sequence[Collected]) -> SourceError | None:
    """Return why there is nothing, where every source failed; None where one answered."""
    failed = [one.failed for one in collected if one.failed]
    if not failed or len(failed) < len(collected):
        return None
    return SourceError(failed[0].source, failed[0].cause, failed[0].remedy)


def _empty(kit: Kit, names: Sequence[str], period: Period, now: datetime, zone: str) -> NothingToDo:
    known: Mapping[str, Post] = {}
    for name in names:
        known = {**known, **kit.posts.known(name)}
    times = [post.new_at or post.published for post in known.values()]
    newest = max((time for time in times if time <= now), default=None)
    if newest is None:
        return NothingToDo(period.label, "there is no post at all", "Look at: digest doctor")
    newest = newest.astimezone(ZoneInfo(zone))
    year, week, _ = newest.isocalendar()
    remedy = f"The newest are of {newest:%Y-%m-%d}: digest draft --week {year}-W{week:02}"
    return NothingToDo(period.label, "no post of this period", remedy)
