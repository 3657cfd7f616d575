"""The adapters a flow runs on, and which posts a period lists."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

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
    kit: Kit, edition: Edition, window: Window, now: datetime
) -> tuple[Edition, Period, tuple[Post, ...]]:
    """Return *edition* with nothing left open, its period, and the posts of it as stored.

    NothingToDo where there is none; the message names the newest there are.
    """
    edition = resolve(edition, kit)
    period = window(edition.timezone)
    names = [source.name for source in kit.sources]
    found = listed(kit, names, period, edition)
    if not found:
        raise _empty(kit, names, period, now, edition.timezone)
    if not edition.language:
        edition = replace(edition, language=language_of(" ".join(p.title for p in found)))
    return edition, period, found


def listed(kit: Kit, names: Sequence[str], period: Period, edition: Edition) -> tuple[Post, ...]:
    """Return the posts of *period*, and those that earlier periods could not know of, first."""
    own = kit.posts.within(names, period)
    if period.since is None:
        return own
    known = {post.id for post in own}
    issue = issue_id(edition, period)
    late = kit.posts.undecided(names, period.since, period.end, edition.name, issue)
    return (*(post for post in late if post.id not in known), *own)


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


def issue_id(edition: Edition, period: Period) -> str:
    """Return the id of the issue of *period*."""
    return f"{edition.name}-{period.label}"


def _empty(kit: Kit, names: Sequence[str], period: Period, now: datetime, zone: str) -> NothingToDo:
    known = (post for name in names for post in kit.posts.known(name).values())
    times = [post.new_at or post.published for post in known]
    newest = max((time for time in times if time <= now), default=None)
    return nothing_in(period, newest, zone, names)
