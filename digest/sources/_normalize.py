"""A listing -> posts: absolute addresses, believed dates, clean text, no pages of the site.

Which posts of a source are wanted: by category, tag, word, language and path.

The hash by which an edit of a post is told: of what its source lists, in a normal form.

An abstract as some write it, with markup in it -> one line of plain text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from html import unescape
from urllib.parse import unquote, urljoin, urlsplit

from digest.model import (
    HELD_PREFIX,
    HELD_TIME,
    NOTHING_WANTED,
    Document,
    Image,
    Media,
    Post,
    SkippedPost,
)
from digest.model.errors import ConfigError
from digest.sources import _dates
from digest.sources._feed_parsers import FeedEntry, ParsedFeed
from digest.text.boilerplate import Surroundings, trim
from digest.text.document import parse_html, parse_markdown
from digest.text.embeds import find_media, resolve_url, untracked
from digest.text.text_buffer import fold_line

_TAGS = re.compile(r"<[^<>]*>")
_PLAIN = str.maketrans("“”‘’–—…", "\"\"''---")


def hash_listing(title: str, abstract: str, body: str) -> str:
    """Return a hash that stays when only markup, white space or typography changed."""
    whole = f"{title}\0{abstract}\0{_TAGS.sub(' ', body) if '<' in body else body}"
    normal = "".join(whole.translate(_PLAIN).split())
    return sha256(normal.encode("utf-8", "replace")).hexdigest()[:32]


_MOST = 0.8
_FORWARD = timedelta(days=366)  # what is dated later is another calendar, or nobody's date


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """What all posts of a listing share: source, the feed's address, zone, language and now."""

    source: str
    base: str
    zone: tzinfo
    language: str
    now: datetime
    around: Surroundings = field(default_factory=Surroundings)


def make_posts(found: ParsedFeed, frame: FeedContext) -> Iterator[Post | SkippedPost]:
    """Yield a post for each entry that is one, else what was left out and why.

    What recurs around the texts of the listing is noted in ``frame.around`` and cut off.
    """
    several = list(_made(found, frame))
    posts = [one for one in several if isinstance(one, Post)]
    frame.around.learn(found.title, [(post.document, post.title) for post in posts])
    for one in several:
        if isinstance(one, Post):
            document = trim(one.document, one.title, frame.around)
            yield replace(one, document=document) if document is not one.document else one
        else:
            yield one


def _made(found: ParsedFeed, frame: FeedContext) -> Iterator[Post | SkippedPost]:
    titled = sum(bool(entry.title) for entry in found.entries) >= _MOST * len(found.entries)
    dates = [entry.published or entry.updated for entry in found.entries]
    dated = any(_dates.parse_moment(date, UTC) for date in dates)
    for entry, date in zip(found.entries, dates, strict=True):
        if titled and not entry.title:
            yield _skip_entry(
                entry, frame, "it has no title, unlike the others: a page, not a post"
            )
        elif dated and _dates.is_zero_time(date):
            yield _skip_entry(
                entry, frame, "its date is the year 1: a page of the site, not a post"
            )
        else:
            post = _make_post(entry, found, frame)
            yield post if post.title else _skip_entry(entry, frame, "it has neither title nor text")


_CUT = re.compile(
    r"[\s,;:，、]*\[(?:…|&hellip;|&#8230;|&#x2026;|\.\.\.)\]"
    r"(?=(?:\s|<a\b[^<>]*>[^<>]{0,80}</a>|</?\w[^<>]*>){0,20}\Z)",
    re.IGNORECASE,
)


def _text(entry: FeedEntry) -> str:
    """Return the HTML of the entry's text; an excerpt cut with [...] ends in an ellipsis."""
    html = unescape_markup(entry.content or entry.summary)
    return html[:-500] + _CUT.sub("…", html[-500:])


def _skip_entry(entry: FeedEntry, frame: FeedContext, reason: str) -> SkippedPost:
    address = resolve_url(entry.link, frame.base) or frame.base
    return SkippedPost(url=address, title=entry.title, reason=reason)


def _make_post(entry: FeedEntry, found: ParsedFeed, frame: FeedContext) -> Post:
    link = _find_address(entry, found, frame)
    language = frame.language or found.language
    printed = entry.published or entry.updated
    published = _check_date(_dates.parse_moment(printed, frame.zone, language), frame.now)
    unread = bool(printed.strip()) and published is None
    updated = _check_date(_dates.parse_moment(entry.updated, frame.zone, language), frame.now)
    base = urljoin(frame.base, entry.base) if entry.base else link
    document = parse_html(_text(entry), base)
    heard = tuple(_list_media(entry, link))
    listed = parse_html(unescape_markup(entry.summary)).text if entry.content else ""
    abstract = _abstract(entry, found.title) if entry.content != entry.summary else ""
    return Post(
        id="",
        source=frame.source,
        url=link,
        title=entry.title or _make_title(document),
        published=min((published or frame.now).astimezone(UTC), frame.now),
        first_seen=frame.now,
        new_at=HELD_TIME if unread else None,
        dated=published is not None,
        guid=entry.guid,
        listing=hash_listing(entry.title, listed, document.text),
        updated=updated.astimezone(UTC) if updated else None,
        language=language,
        author=entry.author,
        abstract=abstract,
        tags=entry.tags,
        image=_find_image(entry, document, link),
        document=replace(document, media=(*heard, *document.media)) if heard else document,
        note=explain_unread_date(printed) if unread else "",
    )


def _abstract(entry: FeedEntry, blog: str) -> str:
    if not entry.content or not entry.summary:
        return ""
    said = parse_html(_text(replace(entry, content="")))
    return " ".join(trim(said, entry.title, Surroundings(blog=blog)).text.split())


def explain_unread_date(printed: str) -> str:
    """Return why a post is held whose date, as *printed*, nobody here can read."""
    return f"{HELD_PREFIX}its date “{fold_line(printed)[:60]}” cannot be read"


def _check_date(date: datetime | None, now: datetime) -> datetime | None:
    return None if date is not None and date > now + _FORWARD else date


def _find_address(entry: FeedEntry, found: ParsedFeed, frame: FeedContext) -> str:
    """Return where the entry can be read or heard; the site itself where it says nothing."""
    own = entry.guid if entry.guid.startswith(("http://", "https://")) else ""
    enclosed = next((url for url, _ in entry.media), "")
    several = (resolve_url(a, frame.base) for a in (entry.link, own, enclosed, found.link))
    address = untracked(next((address for address in several if address), frame.base))
    film = find_media(address)
    return film.url if film is not None and film.kind == "youtube" else address


_NOT_ESCAPED = re.compile(r"<(?:code|pre|kbd|samp|tt|xmp|textarea)\b", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_BLOCKS = "p|div|h[1-6]|ul|ol|blockquote|figure|section|article|table"
_STARTS_ESCAPED = re.compile(
    rf"&lt;(?:{_BLOCKS}|a|img|span|em|strong|b|i)\b(?:\s[^&<>]{{0,300}})?&gt;",
    re.IGNORECASE,
)
_ENDS_ESCAPED = re.compile(rf"&lt;/(?:{_BLOCKS})\s{{0,9}}&gt;\Z", re.IGNORECASE)
_ESCAPED_TAG = re.compile(
    r"&lt;(/?(?:a|abbr|b|br|cite|del|div|em|i|img|li|ol|p|s|small|span|strong|sub|sup|u|ul)"
    r"(?:\s(?:(?!&[lg]t;)[^<>]){0,2000})?/?)&gt;",
    re.IGNORECASE,
)
_ESCAPED_LINK = re.compile(
    r"&lt;(?:a\s(?:(?!&[lg]t;)[^<>]){0,2000}href=|img\s(?:(?!&[lg]t;)[^<>]){0,2000}src=)",
    re.IGNORECASE,
)


def unescape_markup(html: str) -> str:
    """Return *html* with the markup in it that was escaped once too often.

    All of it where the whole text is wrapped in escaped blocks (an excerpt may be cut); tags alone
    where a link or picture is escaped and none is not. A text that shows code may speak of markup
    and is left as it is.
    """
    if "&lt;" not in html or _NOT_ESCAPED.search(html):
        return html
    said = _ANY_TAG.sub("", html).strip()
    if _STARTS_ESCAPED.match(said) and (_ENDS_ESCAPED.search(said[-40:]) or said.endswith("…")):
        return unescape(html)
    if _ESCAPED_LINK.search(html) and not re.search(r"<(?:a|img)\s", html):
        return _ESCAPED_TAG.sub(lambda found: f"<{unescape(found[1])}>", html)
    return html


def _list_media(entry: FeedEntry, link: str) -> Iterator[Media]:
    if (film := find_media(link, entry.title)) is not None:
        yield film
    for url, kind in entry.media:
        whole = resolve_url(url, link)
        if whole and kind.startswith(("audio", "video")):
            yield Media(kind="video" if kind.startswith("video") else "audio", url=whole)


def _find_image(entry: FeedEntry, document: Document, link: str) -> Image | None:
    if address := resolve_url(entry.image, link):
        return Image(url=address)
    return next(iter(document.images), None)


def _make_title(document: Document) -> str:
    """Return the first words of an untitled note: the field's usual stand-in for a title."""
    first = document.text.split("\n", 1)[0]
    return first if len(first) <= 80 else first[:79].rstrip() + "…"


_MARKUP = re.compile(r"</?[a-zA-Z]|\{\{|\]\(|\*\*|`|&[a-z#]")


def clean_abstract(said: str) -> str:
    """Return the abstract *said* without HTML, Markdown and shortcodes."""
    return fold_line(parse_markdown(said).text) if _MARKUP.search(said) else fold_line(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """Words to look for, one tuple a kind; letters count alike in upper and lower case.

    ``paths`` are beginnings of the path of a post's address, ``languages`` of its BCP 47 tag;
    ``words`` stand anywhere in title, abstract or text.
    """

    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    def finds(self, post: Post) -> str:
        """Return the first thing of this filter that *post* has, "" if it has none."""
        path = unquote(urlsplit(post.url).path)
        said = "\n".join((post.title, post.abstract, post.document.text)).casefold()
        found = (
            *_find_equal_names(self.categories, post.categories),
            *_find_equal_names(self.tags, post.tags),
            *(word for word in self.words if word.casefold() in said),
            *(one for one in self.languages if post.language.casefold().startswith(one.casefold())),
            *(one for one in self.paths if path.startswith(one)),
        )
        return next(iter(found), "")

    @property
    def is_blank(self) -> bool:
        """Tell whether the filter looks for nothing."""
        return not any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilter:
    """What is wanted of a source: ``only`` what one filter finds, ``without`` what another does."""

    only: PostFilter = PostFilter()
    without: PostFilter = PostFilter()

    def refusal(self, post: Post) -> str:
        """Return what speaks against *post*: what is not wanted in it, "*" for nothing wanted.

        "" lets it pass, as does a post of which the page is not read yet and may hold the word.
        """
        if found := self.without.finds(post):
            return found
        unread = post.text_from == "feed" and not post.note
        if self.only.is_blank or unread or self.only.finds(post):
            return ""
        return NOTHING_WANTED


def read_source_filter(options: Mapping[str, object]) -> SourceFilter:
    """Return what ``only`` and ``without`` of *options*, tables of lists, ask for."""
    return SourceFilter(
        only=_read_filter(options.get("only"), "only"),
        without=_read_filter(options.get("without"), "without"),
    )


def _read_filter(table: object, name: str) -> PostFilter:
    if not table:
        return PostFilter()
    known = {one.name for one in fields(PostFilter)}
    if not isinstance(table, Mapping) or not known.issuperset(table):
        raise ConfigError(f"sources: {name}", "has an unknown key", f"Known: {sorted(known)}.")
    return PostFilter(
        **{key: tuple(str(v) for v in _make_list(value)) for key, value in table.items()}
    )


def _make_list(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


def _find_equal_names(wanted: Iterable[str], own: Iterable[str]) -> list[str]:
    names = {name.casefold() for name in own}
    return [one for one in wanted if one.casefold() in names]
