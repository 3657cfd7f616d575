"""The adapters a flow runs on, and which posts a period lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from digest.edits import wishes
from digest.errors import NothingToDo
from digest.model import Edition, Period, Post
from digest.periods import nothing_in
from digest.ports import Edits, Feeds, Issues, Network, Pictures, Posts, Source, Summarizer
from digest.render.illustrate import Get
from digest.render.letterhead import Letterhead
from digest.render.templates import Templates
from digest.text.script import language_of

Window = Callable[[str], Period]  # time zone (an IANA name) -> the period wanted in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """The adapters a flow runs on, put together by ``digest.app``."""

    sources: Sequence[Source]
    feeds: Feeds
    posts: Posts
    issues: Issues
    edits: Edits
    summarizer: Summarizer
    networks: Sequence[Network]
    templates: Templates
    letterhead: Letterhead
    pictures: Pictures
    get: Get


def listed_in(
    kit: Kit, edition: Edition, window: Window, now: datetime, *, asked: bool = False
) -> tuple[Edition, Period, tuple[Post, ...]]:
    """Return *edition* with nothing left open, its period, and the posts of it as stored.

    NothingToDo where there is none, unless the editor has *asked* for posts of another time; the
    message names the newest there are.
    """
    edition = resolve(edition, kit)
    period = window(edition.timezone)
    names = [source.name for source in kit.sources]
    found = listed(kit, names, period, edition)
    asked = asked or bool(wishes(kit.edits.history(issue_id(edition, period)).values).added)
    if not found and not asked:
        raise _empty(kit, names, period, now, edition.timezone)
    if not edition.language:
        edition = replace(edition, language=language_of(" ".join(p.title for p in found)))
    return edition, period, found


def listed(kit: Kit, names: Sequence[str], period: Period, edition: Edition) -> tuple[Post, ...]:
    """Return the posts of *period*, and before them what no approved issue has decided on.

    That is what came to light when its own period had been told, or was approved before its end,
    and what is of a period that no issue told. Without an approved issue there is nothing to go on
    from, and no backlog.
    """
    own = kit.posts.within(names, period)
    known, issue = {post.id for post in own}, issue_id(edition, period)
    late = [
        post
        for name, since in _floors(kit, names, period, edition).items()
        for post in kit.posts.undecided([name], since, period.end, edition.name, issue)
        if post.id not in known
    ]
    late.sort(key=lambda post: (post.new_at or post.published, post.id))
    return (*late, *own)


def _floors(
    kit: Kit, names: Sequence[str], period: Period, edition: Edition
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


def program_version() -> str:
    """Return the version of this program, "" where it runs without having been installed."""
    try:
        return version("digest-newsletter")
    except PackageNotFoundError:
        return ""


def issue_id(edition: Edition, period: Period) -> str:
    """Return the id of the issue of *period*."""
    return f"{edition.name}-{period.label}"


def _empty(kit: Kit, names: Sequence[str], period: Period, now: datetime, zone: str) -> NothingToDo:
    known = (post for name in names for post in kit.posts.known(name).values())
    times = [post.new_at or post.published for post in known]
    newest = max((time for time in times if time <= now), default=None)
    return nothing_in(period, newest, zone, names)
