"""A listing -> posts: absolute addresses, believed dates, clean text, no pages of the site."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from digest.model import HELD, ON_HOLD, Document, Image, Media, Post, Skipped
from digest.sources import _dates
from digest.sources._entry import Entry, Listing
from digest.sources._listing import listing as hashed
from digest.text.blocks import from_html
from digest.text.embeds import absolute
from digest.text.line import fold

_MOST = 0.8
_FORWARD = timedelta(days=366)  # what is dated later is another calendar, or nobody's date


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all posts of a listing share: source, the feed's address, zone, language and now."""

    source: str
    base: str
    zone: tzinfo
    language: str
    now: datetime


def made(found: Listing, frame: Frame) -> Iterator[Post | Skipped]:
    """Yield a post for each entry that is one, else what was left out and why."""
    titled = sum(bool(entry.title) for entry in found.entries) >= _MOST * len(found.entries)
    dates = [entry.published or entry.updated for entry in found.entries]
    dated = any(_dates.moment(date, UTC) for date in dates)
    for entry, date in zip(found.entries, dates, strict=True):
        if titled and not entry.title:
            yield _left(entry, frame, "it has no title, unlike the others: a page, not a post")
        elif dated and _dates.is_zero(date):
            yield _left(entry, frame, "its date is the year 1: a page of the site, not a post")
        else:
            post = _post(entry, found, frame)
            yield post if post.title else _left(entry, frame, "it has neither title nor text")


def _left(entry: Entry, frame: Frame, reason: str) -> Skipped:
    address = absolute(entry.link, frame.base) or frame.base
    return Skipped(url=address, title=entry.title, reason=reason)


def _post(entry: Entry, found: Listing, frame: Frame) -> Post:
    link = _address(entry, found, frame)
    language = frame.language or found.language
    printed = entry.published or entry.updated
    published = _believed(_dates.moment(printed, frame.zone, language), frame.now)
    unread = bool(printed.strip()) and published is None
    updated = _believed(_dates.moment(entry.updated, frame.zone, language), frame.now)
    document = from_html(entry.content or entry.summary, link)
    heard = tuple(_heard(entry, link))
    abstract = from_html(entry.summary).text if entry.content and entry.summary else ""
    return Post(
        id="",
        source=frame.source,
        url=link,
        title=entry.title or _opening(document),
        published=min((published or frame.now).astimezone(UTC), frame.now),
        first_seen=frame.now,
        new_at=HELD if unread else None,
        dated=published is not None,
        guid=entry.guid,
        listing=hashed(entry.title, abstract, document.text),
        updated=updated.astimezone(UTC) if updated else None,
        language=language,
        author=entry.author,
        abstract=" ".join(abstract.split()),
        tags=entry.tags,
        image=_image(entry, document, link),
        document=replace(document, media=(*heard, *document.media)) if heard else document,
        note=unread_date(printed) if unread else "",
    )


def unread_date(printed: str) -> str:
    """Return why a post is held whose date, as *printed*, nobody here can read."""
    return f"{ON_HOLD}its date “{fold(printed)[:60]}” cannot be read"


def _believed(date: datetime | None, now: datetime) -> datetime | None:
    return None if date is not None and date > now + _FORWARD else date


def _address(entry: Entry, found: Listing, frame: Frame) -> str:
    """Return where the entry can be read or heard; the site itself where it says nothing."""
    own = entry.guid if entry.guid.startswith(("http://", "https://")) else ""
    enclosed = next((url for url, _ in entry.media), "")
    several = (absolute(a, frame.base) for a in (entry.link, own, enclosed, found.link))
    return next((address for address in several if address), frame.base)


def _heard(entry: Entry, link: str) -> Iterator[Media]:
    for url, kind in entry.media:
        whole = absolute(url, link)
        if whole and kind.startswith(("audio", "video")):
            yield Media(kind="video" if kind.startswith("video") else "audio", url=whole)


def _image(entry: Entry, document: Document, link: str) -> Image | None:
    if address := absolute(entry.image, link):
        return Image(url=address)
    return next(iter(document.images), None)


def _opening(document: Document) -> str:
    """Return the first words of an untitled note: the field's usual stand-in for a title."""
    first = document.text.split("\n", 1)[0]
    return first if len(first) <= 80 else first[:79].rstrip() + "…"
