"""Text of a feed -> its entries: feedparser fed with clean UTF-8, sanitising and resolving off.

feedparser opens what it takes for a file name, so it only ever sees a BytesIO.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any

from digest.errors import SourceError
from digest.text.line import fold

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*?\?>", re.DOTALL)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w+);")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as its feed gives it: ``summary`` and ``content`` are HTML, dates as printed."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    published: str = ""
    updated: str = ""
    author: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""
    media: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A whole feed; *partial* where it broke off, so that nothing stored may be overwritten."""

    title: str = ""
    language: str = ""
    link: str = ""
    entries: tuple[Entry, ...] = ()
    partial: bool = False
    hub: str = ""


def read(text: str) -> Listing:
    """Return the feed that *text* is; SourceError says why it is none."""
    text = _ILLEGAL.sub("", _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n\0"), count=1)).lstrip()
    if not text:
        raise SourceError("its body", "is empty")
    found = _parse(text)
    if found.get("bozo") and _BARE_AMPERSAND.search(text):
        mended = _parse(_BARE_AMPERSAND.sub("&amp;", text))
        if not mended.get("bozo") or len(mended.entries) >= len(found.entries):
            found = mended
    if not found.get("version"):
        raise SourceError("its body", "is no feed", "Give the address of an RSS or Atom feed.")
    feed = found.feed
    return Listing(
        title=plain(feed.get("title", "")),
        language=feed.get("language", ""),
        link=feed.get("link", ""),
        entries=tuple(_entry(one) for one in found.entries),
        partial=bool(found.get("bozo")),
    )


def plain(title: str) -> str:
    """Return *title* as one line of text: markup read, entities resolved, marks dropped."""
    if _TAG.search(title):
        title = _TAG.sub("", title)
    if _ENTITY.search(title):
        title = unescape(title)
    return fold(title)


def _parse(text: str) -> Any:  # noqa: ANN401 - feedparser's dict goes no further than this module
    import feedparser  # type: ignore[import-untyped]  # it ships no types

    return feedparser.parse(
        BytesIO((_HEAD + text).encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


def _entry(one: Any) -> Entry:  # noqa: ANN401 - feedparser's dict goes no further than this module
    contents = [c.get("value", "") for c in one.get("content", ())]
    return Entry(
        guid=one.get("id", ""),
        link=one.get("link", ""),
        title=plain(one.get("title", "")),
        summary=one.get("summary", ""),
        content=max(contents, key=len, default=""),
        published=dict.get(one, "published") or dict.get(one, "created") or "",
        updated=dict.get(one, "updated") or "",  # feedparser's own get would warn and guess
        author=plain(one.get("author", "")),
        tags=_words(tag.get("label") or tag.get("term") for tag in one.get("tags", ())),
        media=tuple(
            (link["href"], link.get("type", ""))
            for link in one.get("links", ())
            if link.get("rel") == "enclosure" and link.get("href")
        ),
    )


def _words(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for w in (plain(f or "") for f in found) if w))
