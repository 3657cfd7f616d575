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
from digest.text.document import split_tag_names
from digest.text.notation import parse_json
from digest.text.text_buffer import fold_line

_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][\w:-]*+)([^<>]*)>", re.DOTALL)
_PAIRED = split_tag_names(
    "a abbr acronym address b bdi bdo big blockquote body center cite code del dfn div em"
    " figcaption figure font h1 h2 h3 h4 h5 h6 head html i iframe ins kbd li mark math nobr ol"
    " p pre q rp rt ruby s samp script section small span strike strong style sub sup svg"
    " table tbody td th time title tr tt u ul var"
)
_VOID = frozenset({"br", "wbr", "hr", "img", "input", "link", "meta"})
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w+);")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One entry as its feed gives it: ``summary`` and ``content`` are HTML, dates as printed.

    ``media`` holds address and type of each enclosure; ``base`` is the ``xml:base`` of its text.
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
    base: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """A whole feed; *partial* where it broke off, so that nothing stored may be overwritten.

    ``older`` is the address of the page with the posts before these (RFC 5005), ``hub`` that of
    a WebSub hub.
    """

    title: str = ""
    language: str = ""
    link: str = ""
    entries: tuple[FeedEntry, ...] = ()
    partial: bool = False
    older: str = ""
    hub: str = ""


def clean_title(title: str) -> str:
    """Return *title* as one line of text: markup read, entities resolved, marks dropped.

    What looks like a tag is one where HTML knows it and it is closed, has attributes or stands
    alone; in "List<String>" and "the <head> element" it is what the title is about.
    """
    if "<" in title:
        title = _strip_markup(title)
    if _ENTITY.search(title):
        title = unescape(title)
    return fold_line(title)


def _strip_markup(title: str) -> str:
    tags = [(found[1], (found[2] or "").lower()) for found in _TAG.finditer(title)]
    both = {name for end, name in tags if end} & {name for end, name in tags if not end}

    def shown(found: re.Match[str]) -> str:
        name = (found[2] or "").lower()
        if not name:  # a comment
            return ""
        if name in _VOID:
            return " " if name in ("br", "hr") else ""
        marks = name in _PAIRED and (name in both or "=" in found[3])
        return "" if marks else found[0]

    return _TAG.sub(shown, title)


_UNESCAPED = re.compile(r"&(?!(?:lt|gt|#0*6[02]|#[xX]0*3[cCeE]);)(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")


def plain_text(title: str) -> str:
    """Return *title*, declared as plain text, on one line: "List<String>" and "&lt;" stay.

    Other entities that were escaped once too often are resolved: nobody means to show them.
    """
    return fold_line(_resolve(title))


def _resolve(text: str) -> str:
    return _UNESCAPED.sub(lambda found: unescape(found[0]), text)


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
    found = _repair_feed(text, _parse_tolerantly(text))
    root = _ROOT.search(text)
    if not found.get("version") and not (root and root[1].lower() in _ROOTS):
        what = "a web page" if "<html" in text[:2000].lower() else "something else"
        remedy = "Give the address of an RSS, Atom or JSON feed; digest init URL finds it."
        raise SourceError("its body", f"is no feed but {what}", remedy)
    entries = tuple(_read_entry(one, found.get("version", "")) for one in found.entries)
    if found.get("bozo") and not any(one.title or one.link or one.summary for one in entries):
        raise SourceError("its body", "breaks off before its first post", "Try again later.")
    feed = found.feed
    return ParsedFeed(
        title=_find_own_title(_title(feed, found.get("version", "")), feed.get("link", "")),
        language=feed.get("language", ""),
        link=feed.get("link", ""),
        entries=entries,
        partial=bool(found.get("bozo")),
        older=_related(feed, "next", "prev-archive"),
        hub=_related(feed, "hub"),
    )


def _related(feed: Any, *relations: str) -> str:  # noqa: ANN401 - feedparser's dict goes no further
    """Return the address that *feed* links to by the first of *relations* it has, else ""."""
    links = [(one.get("rel"), one.get("href") or "") for one in feed.get("links", ())]
    several = (href for wanted in relations for rel, href in links if rel == wanted and href)
    return next(several, "")


def _title(one: Any, version: str) -> str:  # noqa: ANN401 - as above
    """Return the title of *one*; Atom says whether it is text (RFC 4287, 3.1.1), RSS does not."""
    kind = one.get("title_detail", {}).get("type", "")
    is_text = version.startswith("atom") and kind == "text/plain"
    return (plain_text if is_text else clean_title)(one.get("title", ""))


def _find_own_title(title: str, link: str) -> str:
    """Return the blog's own title: Hugo calls the feed of a section "Posts on The Blog"."""
    section, _, rest = title.partition(" on ")
    return rest if rest and link.rstrip("/").lower().endswith(f"/{section.lower()}") else title


def _repair_feed(text: str, found: Any) -> Any:  # noqa: ANN401 - feedparser's dict goes no further
    """Return *found*, or what a repaired *text* gives where that is more."""
    if not found.get("bozo"):
        return found
    fixed = _BARE_AMPERSAND.sub("&amp;", text)
    prefix = None if found.entries else _PREFIXED.search(text)
    if prefix:
        fixed = fixed.replace(f"<{prefix[1]}:", "<").replace(f"</{prefix[1]}:", "</")
    if fixed == text:
        return found
    again = _parse_tolerantly(fixed)
    better = len(again.entries), not again.get("bozo")
    return again if better >= (len(found.entries), False) else found


def _parse_tolerantly(text: str) -> Any:  # noqa: ANN401 - feedparser's dict goes no further than this module
    """Return what feedparser makes of *text*; tags of other kinds go where it trips over one."""
    try:
        return _run_feedparser(text)
    except Exception:  # of its extensions: psc:chapter without a start is a TypeError
        try:
            return _run_feedparser(_EXTENSION.sub("", text))
        except Exception as error:
            said = f"trips its reader ({type(error).__name__}: {error})"
            raise SourceError("its body", said[:200], "Try again later.") from None


def _run_feedparser(text: str) -> Any:  # noqa: ANN401 - as above
    import feedparser  # type: ignore[import-untyped]  # it ships no types

    return feedparser.parse(
        BytesIO((_HEAD + _keep_captions_apart(text)).encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        resolve_relative_uris=False,
        sanitize_html=False,
    )


_MEDIA_PREFIX = re.compile(
    r"""xmlns:([\w.-]+)\s*=\s*["']\s*http://search\.yahoo\.com/mrss/?\s*["']"""
)


_APART = "_of_media"


def _keep_captions_apart(text: str) -> str:
    """Return *text* with the words of Media RSS under names of our own.

    feedparser takes a picture's title and caption for those of the post
    (https://www.rssboard.org/media-rss#optional-elements says whose they are).
    """
    for prefix in dict.fromkeys(_MEDIA_PREFIX.findall(text[:20_000])):
        named = re.compile(rf"<(/?){re.escape(prefix)}:(title|description|text)(?:\s[^<>]*?)?(/?)>")
        text = named.sub(rf"<\1{prefix}:\2{_APART}\3>", text)
    return text


def _read_entry(one: Any, version: str) -> FeedEntry:  # noqa: ANN401 - feedparser's dict goes no further than this module
    contents = [(_html(c, version), c.get("base") or "") for c in one.get("content", ())]
    content, base = max(contents, key=lambda pair: len(pair[0]), default=("", ""))
    detail = one.get("summary_detail", {})
    summary = _html({**detail, "value": one.get("summary", "")}, version)
    if not summary and not content:
        summary = _wrap_paragraphs(one.get("media_description_of_media", ""))
    return FeedEntry(
        guid=one.get("id", ""),
        link=_link(one),
        title=_title(one, version),
        summary=summary,
        content=content,
        published=dict.get(one, "published") or dict.get(one, "created") or "",
        updated=dict.get(one, "updated") or "",  # feedparser's own get would warn and guess
        author=clean_title(one.get("author", "")),
        tags=_list_words(tag.get("label") or tag.get("term") for tag in one.get("tags", ())),
        image=_find_image(one),
        media=tuple(
            (link["href"], link.get("type", ""))
            for link in one.get("links", ())
            if link.get("rel") == "enclosure" and link.get("href")
        ),
        base=base or detail.get("base") or "",
    )


_MARKED_UP = re.compile(
    r"</(?:p|a|div|span|em|strong|b|i|li|h\d|blockquote)\s*>|<(?:br|img)\b", re.IGNORECASE
)


def _html(detail: Any, version: str) -> str:  # noqa: ANN401 - as above
    """Return the text of *detail* as HTML: Atom's plain text is none, unless it is full of it."""
    value = str(detail.get("value") or "")
    is_text = version.startswith("atom") and detail.get("type") == "text/plain"
    return _wrap_paragraphs(_resolve(value)) if is_text and not _MARKED_UP.search(value) else value


def _link(one: Any) -> str:  # noqa: ANN401 - as above
    """Return the address of the entry's own page: what a redirector hides, else any alternate."""
    hidden = one.get("feedburner_origlink", "")
    if hidden.startswith(("http://", "https://")):
        return str(hidden)
    link = one.get("link", "")
    if link and link != one.get("id"):
        return str(link)
    contents = one.get("content", ())
    alternates = (e.get("href") or "" for e in one.get("links", ()) if e.get("rel") == "alternate")
    sources = (c.get("src") or "" for c in contents)
    return next((address for address in (*alternates, *sources) if address), str(link))


def _find_image(one: Any) -> str:  # noqa: ANN401 - feedparser's dict goes no further than this module
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


def _list_words(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for w in (clean_title(f or "") for f in found) if w))


_VERSION = re.compile(r".*jsonfeed\.org/version/|1(?:\.\d)?\Z")  # some write the number alone


def parse_json_feed(text: str) -> ParsedFeed:
    """Return the feed that the JSON *text* is; SourceError says why it is none."""
    try:
        value = parse_json(text)
    except ValueError as error:
        raise SourceError("its body", f"is no whole JSON: {error}", "Try again later.") from None
    feed = value if isinstance(value, dict) else {}
    items = feed.get("items")
    if not isinstance(items, list) or not _VERSION.match(_read_text(feed.get("version"))):
        raise SourceError("its body", "is JSON but no JSON Feed", "Give the address of the feed.")
    return ParsedFeed(
        title=clean_title(_read_text(feed.get("title"))),
        language=_read_text(feed.get("language")),
        link=_read_text(feed.get("home_page_url")),
        entries=tuple(_read_json_entry(item) for item in items if isinstance(item, dict)),
        older=_read_text(feed.get("next_url")),
        hub=_json_hub(feed.get("hubs")),
    )


def _json_hub(hubs: object) -> str:
    several = hubs if isinstance(hubs, list) else []
    return next((_read_text(hub.get("url")) for hub in several if isinstance(hub, dict)), "")


def _read_json_entry(item: dict[str, Any]) -> FeedEntry:
    content = _read_text(item.get("content_html")) or _wrap_paragraphs(
        _read_text(item.get("content_text"))
    )
    people = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    return FeedEntry(
        guid=_read_text(item.get("id")),
        link=_read_text(item.get("url")) or _read_text(item.get("external_url")),
        title=plain_text(_read_text(item.get("title"))),
        summary=escape(_read_text(item.get("summary")), quote=False),
        content=content,
        published=_read_text(item.get("date_published")),
        updated=_read_text(item.get("date_modified")),
        author=", ".join(name for name in (_read_name(person) for person in people or ()) if name),
        tags=_read_texts(item.get("tags")),
        image=_read_text(item.get("image")) or _read_text(item.get("banner_image")),
        media=_read_attachments(item.get("attachments")),
    )


def _wrap_paragraphs(text: str) -> str:
    return "".join(
        f"<p>{escape(part, quote=False)}</p>" for part in text.split("\n") if part.strip()
    )


def _read_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _read_texts(value: object) -> tuple[str, ...]:
    several = value if isinstance(value, list) else []
    return tuple(
        dict.fromkeys(word for word in (clean_title(_read_text(one)) for one in several) if word)
    )


def _read_name(person: object) -> str:
    return clean_title(_read_text(person.get("name"))) if isinstance(person, dict) else ""


def _read_attachments(value: object) -> tuple[tuple[str, str], ...]:
    several = value if isinstance(value, list) else []
    pairs = (
        (_read_text(a.get("url")), _read_text(a.get("mime_type")))
        for a in several
        if isinstance(a, dict)
    )
    return tuple(pair for pair in pairs if pair[0])
