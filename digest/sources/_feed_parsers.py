"""The formats of feeds: RSS and Atom by feedparser, JSON Feed by rules of our own.

RSS and Atom of every version, by feedparser: fed with clean UTF-8, sanitising and resolving off.

feedparser opens what it takes for a file name, so it only ever sees a BytesIO.

JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), read leniently: what is not a text is left.

What every feed format becomes: a listing of entries, as printed, before it is judged.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape, unescape
from io import BytesIO
from typing import Any

from digest.model.errors import SourceError
from digest.text.notation import parse_json
from digest.text.text_buffer import fold

_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w+);")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry as its feed gives it: ``summary`` and ``content`` are HTML, dates as printed.

    ``media`` holds address and type of each enclosure.
    """

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
class ParsedFeed:
    """A whole feed; *partial* where it broke off, so that nothing stored may be overwritten."""

    title: str = ""
    language: str = ""
    link: str = ""
    entries: tuple[FeedEntry, ...] = ()
    partial: bool = False


def plain(title: str) -> str:
    """Return *title* as one line of text: markup read, entities resolved, marks dropped."""
    if "<" in title:
        title = _TAG.sub("", title)
    if _ENTITY.search(title):
        title = unescape(title)
    return fold(title)


_DECLARATION = re.compile(r"\A\s*+(?:<!--.*?-->\s*+)*+<\?xml[^>]*+>", re.DOTALL)
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_ROOT = re.compile(r"<(?:\w+:)?([A-Za-z]+)[\s>]")
_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
_EXTENSION = re.compile(r"</?(?!(?:content|dc|atom|media|itunes|rdf|rss|x?html):)\w+:[^<>]*>")
_PREFIXED = re.compile(r"<(\w+):item[\s>]")


def parse_xml_feed(text: str) -> ParsedFeed:
    """Return the feed that *text* is; SourceError says why it is none."""
    text = _ILLEGAL.sub("", _DECLARATION.sub("", text.lstrip("\ufeff \t\r\n\0"), count=1)).lstrip()
    if not text:
        raise SourceError("its body", "is empty", "Try again later.")
    found = _mended(text, _parse(text))
    root = _ROOT.search(text)
    if not found.get("version") and not (root and root[1].lower() in _ROOTS):
        what = "a web page" if "<html" in text[:2000].lower() else "something else"
        remedy = "Give the address of an RSS, Atom or JSON feed; digest init URL finds it."
        raise SourceError("its body", f"is no feed but {what}", remedy)
    entries = tuple(_entry(one) for one in found.entries)
    if found.get("bozo") and not any(one.title or one.link or one.summary for one in entries):
        raise SourceError("its body", "breaks off before its first post", "Try again later.")
    feed = found.feed
    return ParsedFeed(
        title=_own(plain(feed.get("title", "")), feed.get("link", "")),
        language=feed.get("language", ""),
        link=feed.get("link", ""),
        entries=entries,
        partial=bool(found.get("bozo")),
    )


def _own(title: str, link: str) -> str:
    """Return the blog's own title: Hugo calls the feed of a section "Posts on The Blog"."""
    section, _, rest = title.partition(" on ")
    return rest if rest and link.rstrip("/").lower().endswith(f"/{section.lower()}") else title


def _mended(text: str, found: Any) -> Any:  # noqa: ANN401 - feedparser's dict goes no further
    """Return *found*, or what a repaired *text* gives where that is more."""
    if not found.get("bozo"):
        return found
    fixed = _BARE_AMPERSAND.sub("&amp;", text)
    prefix = None if found.entries else _PREFIXED.search(text)
    if prefix:
        fixed = fixed.replace(f"<{prefix[1]}:", "<").replace(f"</{prefix[1]}:", "</")
    if fixed == text:
        return found
    again = _parse(fixed)
    better = len(again.entries), not again.get("bozo")
    return again if better >= (len(found.entries), False) else found


def _parse(text: str) -> Any:  # noqa: ANN401 - feedparser's dict goes no further than this module
    """Return what feedparser makes of *text*; tags of other kinds go where it trips over one."""
    try:
        return _parsed(text)
    except Exception:  # of its extensions: psc:chapter without a start is a TypeError
        try:
            return _parsed(_EXTENSION.sub("", text))
        except Exception as error:
            said = f"trips its reader ({type(error).__name__}: {error})"
            raise SourceError("its body", said[:200], "Try again later.") from None


def _parsed(text: str) -> Any:  # noqa: ANN401 - as above
    import feedparser  # type: ignore[import-untyped]  # it ships no types

    return feedparser.parse(
        BytesIO((_HEAD + text).encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


def _entry(one: Any) -> FeedEntry:  # noqa: ANN401 - feedparser's dict goes no further than this module
    contents = [c.get("value", "") for c in one.get("content", ())]
    return FeedEntry(
        guid=one.get("id", ""),
        link=one.get("link", ""),
        title=plain(one.get("title", "")),
        summary=one.get("summary", ""),
        content=max(contents, key=len, default=""),
        published=dict.get(one, "published") or dict.get(one, "created") or "",
        updated=dict.get(one, "updated") or "",  # feedparser's own get would warn and guess
        author=plain(one.get("author", "")),
        tags=_words(tag.get("label") or tag.get("term") for tag in one.get("tags", ())),
        image=_image(one),
        media=tuple(
            (link["href"], link.get("type", ""))
            for link in one.get("links", ())
            if link.get("rel") == "enclosure" and link.get("href")
        ),
    )


def _image(one: Any) -> str:  # noqa: ANN401 - feedparser's dict goes no further than this module
    """Return the entry's own picture: Media RSS, iTunes or a picture as enclosure."""
    for thumbnail in (*one.get("media_thumbnail", ()), *one.get("media_content", ())):
        kind = thumbnail.get("medium") or thumbnail.get("type") or "image"
        if thumbnail.get("url") and kind.startswith("image"):
            return str(thumbnail["url"])
    image = one.get("image")
    if isinstance(image, dict) and image.get("href"):
        return str(image["href"])
    pictures = (
        e.get("href", "") for e in one.get("links", ()) if e.get("type", "")[:6] == "image/"
    )
    return next(pictures, "")


def _words(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for w in (plain(f or "") for f in found) if w))


_VERSION = re.compile(r".*jsonfeed\.org/version/|1(?:\.\d)?\Z")  # some write the number alone


def parse_json_feed(text: str) -> ParsedFeed:
    """Return the feed that the JSON *text* is; SourceError says why it is none."""
    try:
        value = parse_json(text)
    except ValueError as error:
        raise SourceError("its body", f"is no whole JSON: {error}", "Try again later.") from None
    feed = value if isinstance(value, dict) else {}
    items = feed.get("items")
    if not isinstance(items, list) or not _VERSION.match(_text(feed.get("version"))):
        raise SourceError("its body", "is JSON but no JSON Feed", "Give the address of the feed.")
    return ParsedFeed(
        title=plain(_text(feed.get("title"))),
        language=_text(feed.get("language")),
        link=_text(feed.get("home_page_url")),
        entries=tuple(_json_entry(item) for item in items if isinstance(item, dict)),
    )


def _json_entry(item: dict[str, Any]) -> FeedEntry:
    content = _text(item.get("content_html")) or _paragraphs(_text(item.get("content_text")))
    people = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    return FeedEntry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=plain(_text(item.get("title"))),
        summary=escape(_text(item.get("summary")), quote=False),
        content=content,
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        author=", ".join(name for name in (_name(person) for person in people or ()) if name),
        tags=_texts(item.get("tags")),
        image=_text(item.get("image")) or _text(item.get("banner_image")),
        media=_attachments(item.get("attachments")),
    )


def _paragraphs(text: str) -> str:
    return "".join(
        f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n") if part.strip()
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _texts(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(word for word in (plain(_text(one)) for one in several) if word))


def _name(person: object) -> str:
    return plain(_text(person.get("name"))) if isinstance(person, dict) else ""


def _attachments(value: object) -> tuple[tuple[str, str], ...]:
    several = value if isinstance(value, list) else []
    pairs = (
        (_text(a.get("url")), _text(a.get("mime_type"))) for a in several if isinstance(a, dict)
    )
    return tuple(pair for pair in pairs if pair[0])
