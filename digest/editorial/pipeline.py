"""The one-way flow; the only module that knows two stages.

    sources ─ collect ─> posts ─ curate ─> picks ─ summarize ─> stories ─ compose ─> issue
                                   ^                               ^                   │ <─ edits
                                   └── wishes ───── edits ─────────┘                   v
            an approved revision <─ approve ─ a frozen revision <─ freeze ─ drafts <─ render

A stage decides and returns a value. What must last is saved here and nowhere else: posts by the
collector's ports, revisions and fates by the port ``Issues``, edits by the port ``Edits``. What
the generator made is kept up to the stories, so that an edit of words begins at ``compose``.

The adapters a flow runs on, and which posts a period lists.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

import msgspec

from digest.editorial import collect as collecting
from digest.editorial import edits
from digest.editorial.collect import Progress, collect_sources, complete_texts, list_unread_reasons
from digest.editorial.compose import compose_issue
from digest.editorial.curate import WEIGHTS, curate_posts
from digest.editorial.edits import read_wishes
from digest.editorial.eligibility import filter_reason
from digest.editorial.periods import nothing_in
from digest.editorial.pull_quote_scorer import PullQuoteScorer
from digest.editorial.summarize import study_candidates, summarize_picks
from digest.model import (
    Collected,
    Digest,
    Document,
    GeneratedIssue,
    History,
    Issue,
    Mail,
    Period,
    Post,
    RankerVersion,
    Revision,
    Selection,
    SkippedPost,
    Thread,
)
from digest.model.draft import Finding
from digest.model.errors import DraftError, FetchError, NothingToDo, TooFewPosts
from digest.model.ports.editorial import Feeds, Issues, Pictures, Posts, Source, Summarizer
from digest.model.ports.edits import Edits
from digest.model.ports.social import Network
from digest.render.branding import Branding
from digest.render.email import render_email
from digest.render.images import FetchBytes, add_pictures, keep_quote_card
from digest.render.preflight import check_revision
from digest.render.templates import Templates
from digest.render.thread import ThreadOptions, plan_thread
from digest.render.thread_edit import apply_thread_edits, weighed
from digest.text import post_identity
from digest.text.language import detect_language
from digest.text.localization import load_catalogue
from digest.text.ranking import pull_quotes

Window = Callable[[str], Period]  # time zone (an IANA name) -> the period wanted in it


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineDeps:
    """The adapters a flow runs on, put together by ``digest.app.composition``."""

    sources: Sequence[Source]
    feeds: Feeds
    posts: Posts
    issues: Issues
    edits: Edits
    find_summarizer: Callable[[str], Summarizer]  # a digest's name -> the one that reads for it
    scorer: PullQuoteScorer
    networks: Sequence[Network]
    templates: Templates
    letterhead: Branding
    pictures: Pictures
    get: FetchBytes


def listed_in(
    kit: PipelineDeps, edition: Digest, window: Window, now: datetime, *, asked: bool = False
) -> tuple[Digest, Period, tuple[Post, ...]]:
    """Return *edition* with nothing left open, its period, and the posts of it as stored.

    NothingToDo where there is none, unless the editor has *asked* for posts of another time; the
    message names the newest there are.
    """
    edition = resolve_digest(edition, kit)
    period = window(edition.timezone)
    names = [source.name for source in kit.sources]
    found = list_posts(kit, names, period, edition)
    asked = asked or bool(read_wishes(kit.edits.history(issue_id(edition, period)).values).added)
    if not found and not asked:
        raise _empty(kit, names, period, now, edition.timezone)
    if not edition.language:
        edition = replace(edition, language=detect_language(" ".join(p.title for p in found)))
    return edition, period, found


def list_posts(
    kit: PipelineDeps, names: Sequence[str], period: Period, edition: Digest
) -> tuple[Post, ...]:
    """Return the posts of *period*, and before them what no approved issue has decided on.

    That is what came to light when its own period had been told, or was approved before its end,
    and what is of a period that no issue told. Without an approved issue there is nothing to go on
    from, and no backlog.
    """
    own = kit.posts.within(names, period)
    known, issue = {post.id for post in own}, issue_id(edition, period)
    late = [
        post
        for name, since in _find_floors(kit, names, period, edition).items()
        for post in kit.posts.undecided([name], since, period.end, edition.name, issue)
        if post.id not in known
    ]
    late.sort(key=lambda post: (post.new_at or post.published, post.id))
    return (*late, *own)


def _find_floors(
    kit: PipelineDeps, names: Sequence[str], period: Period, edition: Digest
) -> dict[str, datetime]:
    """Return for each source since when what is new in it waits for *edition* to decide.

    That is since the digest's first issue, but of a source that was added later since then: what
    it listed at its first poll is backlog, except what is newer than the last issue.
    """
    told = kit.issues.decided(edition.name, besides=issue_id(edition, period))
    starts = [one.start for one in told] + ([period.since] if period.since else [])
    if not starts:
        return {}
    first = min(starts)
    last = max((one.end for one in told if one.end <= period.end), default=period.start)
    seen = {name: kit.feeds.standing(name).since or first for name in names}
    return {name: min(max(first, seen[name]), last) for name in names}


def resolve_digest(edition: Digest, kit: PipelineDeps) -> Digest:
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


def program_version() -> str:
    """Return the version of this program, "" where it runs without having been installed."""
    try:
        return version("digest-newsletter")
    except PackageNotFoundError:
        return ""


def issue_id(edition: Digest, period: Period) -> str:
    """Return the id of the issue of *period*."""
    return f"{edition.name}-{period.label}"


def _empty(
    kit: PipelineDeps, names: Sequence[str], period: Period, now: datetime, zone: str
) -> NothingToDo:
    known = (post for name in names for post in kit.posts.known(name).values())
    times = [post.new_at or post.published for post in known]
    newest = max((time for time in times if time <= now), default=None)
    return nothing_in(period, newest, zone, names)


LOOK_BACK = timedelta(weeks=4)  # what a theme's change is measured against


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A saved revision, what preflight says of it, and why which texts could not be had.

    The rest is what it was made from: ``generated`` up to the stories, ``plain`` is the issue and
    ``planned`` are the threads before they were edited, ``history`` the edits. ``refused`` says
    which edits could not be laid over, and why.
    """

    revision: Revision
    findings: tuple[Finding, ...]
    generated: GeneratedIssue
    plain: Issue
    planned: tuple[Thread, ...]
    history: History
    refused: Mapping[str, str]
    unread: tuple[str, ...] = ()


def poll_sources(
    kit: PipelineDeps, now: datetime, *, since: datetime | None = None
) -> tuple[Collected, ...]:
    """Poll every source and save what is new or changed, as far as the source lists it.

    A feed in pages is read back to *since*, where a period begins, else a good month.
    """
    return collect_sources(kit.sources, kit.feeds, kit.posts, now=now, since=since)


def gather_posts(
    kit: PipelineDeps, now: datetime, *, progress: Progress | None = None
) -> tuple[Collected, ...]:
    """Poll every source, fetch the full text of what is new or changed, and save it all."""
    collected = poll_sources(kit, now)
    fresh = [post for one in collected for post in (*one.new, *one.changed)]
    whole = complete_texts(kit.sources, kit.feeds, kit.posts, fresh, progress=progress)
    read = {post.id: post for post in whole}
    filters = {source.name: source.refusal for source in kit.sources}
    return tuple(_judged(one, read, filters[one.source]) for one in collected)


def _judged(one: Collected, read: Mapping[str, Post], refusal: Callable[[Post], str]) -> Collected:
    """Return *one* without what, now that it is *read*, is a copy or refused by the filter."""
    new = [read.get(post.id, post) for post in one.new]
    refused = [
        SkippedPost(url=post.url, title=post.title, reason=filter_reason(why, load_catalogue("en")))
        for post in new
        if not post.copy_of and (why := refusal(post))
    ]
    left = {skipped.url for skipped in refused}
    return replace(
        one,
        new=tuple(post for post in new if not post.copy_of and post.url not in left),
        copies=(*one.copies, *(post for post in new if post.copy_of)),
        skipped=(*one.skipped, *refused),
    )


def release(kit: PipelineDeps, now: datetime, urls: Sequence[str] = ()) -> tuple[Post, ...]:
    """Let held posts in: those at *urls*, else all that came in a flood; return them."""
    names = [source.name for source in kit.sources]
    return collecting.release_held(names, kit.feeds, kit.posts, urls=urls, now=now)


def stored(kit: PipelineDeps, url: str) -> Post | None:
    """Return the stored post at *url*, read whole, for an editor to add; None where there is none.

    A text that was written over that of an earlier post is a post of its own here: what became of
    the earlier one says nothing of it.
    """
    for found, versions in kit.posts.versions(url):
        (post, *_) = complete_texts(kit.sources, kit.feeds, kit.posts, [found]) or (found,)
        if versions and post_identity.is_other_text(versions[-1].document, post.document):
            return replace(post, id=f"{post.id[:23]}-{post.content_hash[:8]}")
        return post
    return None


def draft_issue(
    kit: PipelineDeps,
    edition: Digest,
    window: Window,
    now: datetime,
    *,
    least: int = 0,
    progress: Progress | None = None,
) -> Drafted:
    """Choose, summarize, compose, edit, render and save an issue, after ``poll_sources``.

    What *edition* leaves open (title, language, zone, site) is what the first source says of
    itself, and the language else what the titles are written in. NothingToDo where the period
    holds no post, or fewer than *least* to tell; the message says how many, or the newest.
    """
    edition, period, found = listed_in(kit, edition, window, now)
    names = [source.name for source in kit.sources]
    posts = complete_texts(kit.sources, kit.feeds, kit.posts, found, progress=progress)
    history = kit.edits.history(issue_id(edition, period))
    generated = _generate_stories(kit, edition, period, posts, names, history)
    fates = compose_edited(generated, history.values).fates.values()
    if (told := sum(fate in ("featured", "listed") for fate in fates)) < least:
        raise TooFewPosts(generated.issue, told, least)
    kit.issues.keep(generated)
    return replace(_save_issue(kit, history, now, open_=False), unread=list_unread_reasons(posts))


def redraft_issue(
    kit: PipelineDeps, issue: str, now: datetime, *, anew: Digest | None = None
) -> Drafted:
    """Make *issue* from what is stored, with its edits, and save it as the revision in the making.

    No source is asked and no page is read. Posts are chosen again only where the editor's wishes
    changed, and where *anew* gives the edition to make it for, as after a change of the settings
    or of the posts. StoreError where there is no such issue.
    """
    history = kit.edits.history(issue)
    if anew:
        generate_current(kit, history, anew)
    return _save_issue(without_network(kit), history, now, open_=True)


def without_network(kit: PipelineDeps) -> PipelineDeps:
    """Return *kit* such that no picture is fetched by it: what is kept has to do."""
    return replace(kit, get=_refuse_fetch)


def preview_issue(kit: PipelineDeps, issue: str, now: datetime) -> Drafted:
    """Return *issue* as ``redraft_issue`` would make it, under the number of its newest revision.

    Nothing is saved. StoreError where there is no such issue.
    """
    newest = kit.issues.load(issue)
    history = kit.edits.history(newest.issue.id)
    made = assemble_draft(without_network(kit), generate_current(kit, history), history, now)
    fresh = replace(made.revision, number=newest.number, approved=newest.approved)
    return replace(made, revision=fresh)


def _refuse_fetch(url: str) -> bytes:
    raise FetchError(url, "nothing is fetched while an issue is edited")


def _save_issue(kit: PipelineDeps, history: History, now: datetime, *, open_: bool) -> Drafted:
    """Make and save the issue of *history*, again where an edit came in while it was made.

    So the revision saved last never lacks an edit, however many write at a time.
    """
    while True:
        made = assemble_draft(kit, generate_current(kit, history), history, now)
        made = replace(made, revision=kit.issues.save(made.revision, open_=open_))
        if kit.edits.newest(history.issue) == history.newest:
            return made
        history = kit.edits.history(history.issue)


def generate_current(
    kit: PipelineDeps, history: History, anew: Digest | None = None
) -> GeneratedIssue:
    """Return what the generator says of the issue under the wishes of *history*."""
    issue = history.issue
    kept = kit.issues.generated(issue)
    wishes = edits.read_wishes(history.values)
    if kept and anew is None and kept.wishes == wishes.mark:
        return kept
    last = kit.issues.load(issue).issue
    edition = resolve_digest(anew, kit) if anew else kept.edition if kept else last.edition
    edition = replace(edition, language=edition.language or last.edition.language)
    names = kept.sources if kept else [source.name for source in kit.sources]
    posts = list_posts(kit, names, last.period, edition)
    generated = _generate_stories(kit, edition, last.period, posts, names, history)
    kit.issues.keep(generated)
    return generated


def assemble_draft(
    kit: PipelineDeps, generated: GeneratedIssue, history: History, now: datetime
) -> Drafted:
    """Return the issue of *generated* with the edits of *history*, rendered, not saved."""
    plain = compose_edited(generated, history.values)
    issue = edits.apply_edits(plain, history.values)
    mail, planned = render_drafts(kit, issue)
    threads, refused = apply_thread_edits(planned, kit.networks, history.values)
    threads = weighed(threads, kit.networks, kit.pictures.read)
    revision = freeze_revision(issue, mail, threads, now)
    return Drafted(
        revision=revision,
        findings=check_revision(revision),
        generated=generated,
        plain=plain,
        planned=planned,
        history=history,
        refused=refused,
    )


def compose_edited(generated: GeneratedIssue, values: Mapping[str, str]) -> Issue:
    """Return the issue that the generator makes of its stories as the editor tells them.

    *values* are the edits by block; those of the issue itself, such as its subject, are not in it.
    """
    return compose_issue(
        edits.tell_stories(generated.stories, values),
        generated.selection,
        generated.posts,
        edition=generated.edition,
        period=generated.period,
    )


def _generate_stories(
    kit: PipelineDeps,
    edition: Digest,
    period: Period,
    posts: Sequence[Post],
    names: Sequence[str],
    history: History,
) -> GeneratedIssue:
    """Return what the generator makes of *posts* under the wishes of *history*."""
    wishes = edits.read_wishes(history.values)
    posts = wishes.joined(posts)
    selection = select_posts(kit, edition, period, posts, names, wishes)
    picks = [replace(pick, siblings=_without_documents(pick.siblings)) for pick in selection.picks]
    summarizer = kit.find_summarizer(edition.name)
    stories = summarize_picks(picks, summarizer, edition)
    return GeneratedIssue(
        issue=issue_id(edition, period),
        edition=edition,
        period=period,
        sources=tuple(names),
        posts=tuple(post.id for post in posts),
        selection=replace(
            selection,
            picks=(),
            also=_without_documents(selection.also),
            candidates=study_candidates(selection.candidates, stories, summarizer, edition),
        ),
        stories=stories,
        wishes=wishes.mark,
        ranker=_describe_ranker(summarizer),
    )


def _describe_ranker(summarizer: Summarizer) -> RankerVersion:
    quotation = dict(zip(pull_quotes.NAMES, pull_quotes.WEIGHTS, strict=True))
    return RankerVersion(
        program=program_version(),
        summarizer=summarizer.version,
        weights={"curator": {**WEIGHTS}, "quotation": quotation},
    )


def _without_documents(posts: Sequence[Post]) -> tuple[Post, ...]:
    """Return *posts* without their documents: of what is not told an issue needs none."""
    return tuple(replace(post, document=Document()) for post in posts)


def select_posts(
    kit: PipelineDeps,
    edition: Digest,
    period: Period,
    posts: Sequence[Post],
    names: Sequence[str],
    wishes: edits.EditorialWishes,
) -> Selection:
    """Return what becomes of *posts* of the sources *names* under *wishes*."""
    earlier = kit.posts.within(names, Period(start=period.start - LOOK_BACK, end=period.start))
    own = {post.id for post in posts}
    filters = {source.name: source.refusal for source in kit.sources}
    refused = {
        post.id: why
        for post in posts
        if post.source in filters and (why := filters[post.source](post))
    }
    return curate_posts(
        posts,
        period,
        edition,
        before=[post for post in earlier if post.id not in own],
        fates=kit.issues.fates(edition.name, besides=issue_id(edition, period)),
        pins=wishes.pinned(posts),
        bans=wishes.bans,
        lists=wishes.lists,
        refused=refused,
        strength={post.id: kit.scorer.score(post) for post in posts},
    )


def render_drafts(kit: PipelineDeps, issue: Issue) -> tuple[Mail, tuple[Thread, ...]]:
    """Return the email and the threads of *issue*; their pictures are kept in the store."""
    letterhead = add_pictures(issue, kit.letterhead, kit.pictures, kit.get)
    return render_email(issue, kit.templates, letterhead), plan_threads(kit, issue)


def plan_threads(kit: PipelineDeps, issue: Issue) -> tuple[Thread, ...]:
    """Return a thread for each network as the generator makes it; no parts without a story.

    A thread leads to the issue's page on the web where there is one, and shows the quote card.
    """
    if not any(issue.stories):
        return tuple(Thread(network=network.name, parts=()) for network in kit.networks)
    card = keep_quote_card(issue, kit.templates, kit.letterhead, kit.pictures)
    taste = ThreadOptions(link=kit.letterhead.page(issue.id), card=card)
    return tuple(plan_thread(issue, network, taste=taste) for network in kit.networks)


def freeze_revision(
    issue: Issue, mail: Mail, threads: tuple[Thread, ...], now: datetime
) -> Revision:
    """Return the revision of *issue* with its hash; the store gives it its number."""
    content = msgspec.json.encode((issue, mail, threads))
    digest = sha256(content).hexdigest()
    return Revision(issue=issue, number=0, hash=digest, created=now, mail=mail, threads=threads)


def approve_revision(
    issues: Issues, revision: Revision, now: datetime, withheld: Collection[str] = ()
) -> Revision:
    """Approve *revision*, but not for the channels *withheld*; DraftError names what blocks it."""
    for finding in check_revision(revision):
        if finding.level == "error" and finding.channel not in withheld:
            subject = f"{revision.issue.id}: {finding.subject}"
            raise DraftError(subject, finding.cause, finding.remedy)
    return issues.approve(revision, now, withheld)
