"""A post's page -> its text and what its head says: description, tags, section, image, dates.

Goldmark, WordPress and most others render a post into one parent, so the element whose children
hold most block text is the post; the proof is that the feed's own opening stands in it. Where
it does not, what trafilatura takes for the text is put to the same proof.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from unicodedata import normalize
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.model import Document, Image, Link
from digest.sources._normalize import clean_abstract
from digest.sources._trafilatura import extract_document
from digest.text.document import flatten_html, parse_node
from digest.text.embeds import canonicalize_url, find_media, resolve_url
from digest.text.notation import parse_json
from digest.text.text_buffer import fold_line

_NOISE = "script, style, nav, aside, form, button, svg, template, object, embed"
_BLOCKS = frozenset({"p", "h2", "h3", "h4", "ul", "ol", "blockquote", "pre", "table"})
_ARTICLE_TYPES = ("article", "posting", "episode", "report")
_OPENING = 60
_PASSAGE = 30
_NAME = 40
_MIN_TEXT = 120
_SHARE = 0.9
_LINKS = 0.3
_CLIMB = 3
_NO_TEXT = "the page holds no text to speak of"
_AROUND = frozenset({"div", "section", "article", "main"})
_SITES_OWN = re.compile(r"\b(?:default|logo|placeholder|avatar|favicon)\b", re.IGNORECASE)
_LETTERS = re.compile(r"[\s\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePage:
    """What a post's page gives; ``document`` is empty where its text could not be told.

    ``extracted`` says that it is not the densest element but what trafilatura found.
    """

    document: Document = field(default_factory=Document)
    title: str = ""
    abstract: str = ""
    author: str = ""
    language: str = ""
    published: str = ""
    updated: str = ""
    image: str = ""
    canonical: str = ""
    tags: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    source: Link | None = None
    why: str = ""
    extracted: bool = False


def read_article(html: str, url: str, opening: str = "", title: str = "") -> ArticlePage:
    """Return what the page *html* at *url* gives; *opening* and *title* are what its feed gave.

    Where the text cannot be told from the page around it, ``why`` says so.
    """
    tree = LexborHTMLParser(flatten_html(html))
    facts = {**_read_meta(tree), **_read_linked_data(tree)}
    lang = tree.root.attributes.get("lang") if tree.root is not None else ""
    named = extract_letters(title)[:_NAME] in extract_letters(
        _read_headlines(tree) + facts.get("title", "")
    )
    headed = _find_headline(tree)
    for form in tree.css("form"):  # some makers of pages put all of it into one form
        if form.css_first("article, main, h1, p ~ p") is not None:
            form.unwrap()
    for node in tree.css(_NOISE):
        node.decompose()
    body = _find_densest(tree)
    document, why = _choose_proved_document(_list_candidates(body), url, opening, named=named)
    extracted = False
    if why:
        document, unproved = _prove_document(extract_document(html, url), opening, named=named)
        extracted, why = not unproved, why if unproved else ""
    return ArticlePage(
        document=document,
        extracted=extracted,
        title=fold_line(facts.get("title", "")) or headed,
        abstract=clean_abstract(facts.get("description", "")),
        author=fold_line(facts.get("author", "")),
        language=facts.get("language", "") or lang or "",
        published=facts.get("published", ""),
        updated=facts.get("updated", ""),
        image=resolve_url(facts.get("image", ""), url),
        canonical=facts.get("canonical", ""),
        tags=_split_keywords(facts.get("tags", "")),
        categories=_split_keywords(facts.get("section", "")),
        source=_find_source_link(body, url) if body is not None else None,
        why=why,
    )


def _read_headlines(tree: LexborHTMLParser) -> str:
    return "\n".join(node.text() for node in tree.css("title, h1, h2"))


def _find_headline(tree: LexborHTMLParser) -> str:
    """Return the headline of a page whose metadata has none: its one h1, else its title.

    An h1 that only ends the title is the name of the site.
    """
    heads = [text for node in tree.css("h1") if (text := fold_line(node.text()))]
    title = tree.css_first("head title")
    said = fold_line(title.text()) if title is not None else ""
    own = len(heads) == 1 and (said.startswith(heads[0]) or heads[0] not in said)
    return heads[0] if own else said


def _find_densest(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the element whose children hold most block text."""
    best, most = None, 0
    for node in tree.css("article, main, [role=main], [itemprop=articleBody], div, section, td"):
        size = _measure_blocks(node)
        if size > most:
            best, most = node, size
    return best


def _measure_blocks(node: LexborNode) -> int:
    return sum(len(child.text()) for child in node.iter() if child.tag in _BLOCKS)


def _list_candidates(body: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the densest element, then those around it; one whose parts are sections comes first.

    Some makers of pages wrap every part of a post in an element of its own: then the densest is
    one part, and its like stand beside it.
    """
    if body is None:
        return
    parent, climbed = body.parent, [body]
    while parent is not None and parent.tag in _AROUND and len(climbed) <= _CLIMB:
        climbed.append(parent)
        parent = parent.parent
    for inner, outer in pairwise(climbed):
        alike = [n for n in outer.iter() if n.tag == inner.tag and _measure_blocks(n)]
        if (
            len(alike) > 1
            and sum(map(_measure_blocks, alike)) > _measure_blocks(inner)
            and not _is_link_list(outer)
        ):
            yield outer
    yield from climbed


def _is_link_list(node: LexborNode) -> bool:
    """Tell whether much of what *node* says is links: a list of other posts, not a post."""
    said = len(node.text()) or 1
    return sum(len(a.text()) for a in node.css("a")) > _LINKS * said


def _choose_proved_document(
    candidates: Iterable[LexborNode], url: str, opening: str, *, named: bool
) -> tuple[Document, str]:
    """Return the first of *candidates* that is the post, else an empty document and why not."""
    why = _NO_TEXT
    for node in candidates:
        document, unproved = _prove_document(parse_node(node, url), opening, named=named)
        if not unproved:
            return document, ""
        why = unproved if unproved != _NO_TEXT else why
    return Document(), why


def _prove_document(document: Document, opening: str, *, named: bool) -> tuple[Document, str]:
    """Return *document* if it is the post, else an empty one and why not."""
    expected, said = extract_letters(opening), extract_letters(document.text)
    if len(said) < (_SHARE * len(expected) if expected else _MIN_TEXT):
        return Document(), _NO_TEXT
    if expected and not _holds_opening(said, expected):
        return Document(), "the page does not hold what the feed says of the post"
    if not expected and not named:  # an empty title names every page: nothing was asked
        return Document(), "the page does not name the post"
    return document, ""


def _holds_opening(said: str, expected: str) -> bool:
    """Tell whether *said* holds the opening of *expected*, or most of its later passages."""
    if expected[:_OPENING] in said:
        return True
    later = [expected[at : at + _PASSAGE] for at in range(_PASSAGE, len(expected), 2 * _PASSAGE)]
    return len(later) > 1 and sum(part in said for part in later) > len(later) / 2


def extract_letters(text: str) -> str:
    """Return the letters and digits of *text* alone, in one case: to compare what was said."""
    return _LETTERS.sub("", normalize("NFKC", text)).lower()


def _find_source_link(body: LexborNode, url: str) -> Link | None:
    """Return the one page elsewhere that the post's head, around its text, names as its source."""
    around = body.parent
    while around is not None and around.tag not in ("article", "main", "body", "html"):
        around = around.parent
    if around is None or around.tag not in ("article", "main"):
        return None
    inside = {a.mem_id for a in body.css("a[href]")}
    found: dict[str, Link] = {}
    for a in around.css("a[href]"):
        address = canonicalize_url(urljoin(url, a.attributes.get("href") or ""))
        if a.mem_id in inside or not address or _is_share_link(address):
            continue
        if urlsplit(address).netloc != urlsplit(url).netloc:
            found.setdefault(address, Link(url=address, title=fold_line(a.text())))
    return next(iter(found.values())) if len(found) == 1 else None


def _is_share_link(address: str) -> bool:
    """Tell whether *address* is a button to share, follow or mail: it carries another's address."""
    parts = urlsplit(address)
    return "http" in parts.query or "/share" in parts.path or "/intent/" in parts.path


def _read_meta(tree: LexborHTMLParser) -> dict[str, str]:
    said: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
        value = (attributes.get("content") or "").strip()
        if not name or not value:
            continue
        name = name.lower()
        if name == "article:tag":
            said[name] = f"{said[name]}\n{value}" if name in said else value
        else:
            said.setdefault(name, value)
    link = tree.css_first("link[rel=canonical][href]")
    chosen = {key: next((said[n] for n in names if n in said), "") for key, names in _META.items()}
    chosen["canonical"] = (link.attributes.get("href") or "") if link is not None else ""
    return {key: value for key, value in chosen.items() if value}


_META = {
    "title": ("og:title", "twitter:title"),
    "description": ("description", "og:description", "twitter:description"),
    "author": ("author", "article:author_name", "twitter:creator"),
    "published": ("article:published_time", "date", "dc.date"),
    "updated": ("article:modified_time", "og:updated_time"),
    "image": ("og:image", "twitter:image"),
    "tags": ("article:tag", "keywords"),
    "section": ("article:section",),
    "language": ("language", "og:locale"),
}


def _read_linked_data(tree: LexborHTMLParser) -> dict[str, str]:
    """Return what the page's JSON-LD says of its article (schema.org)."""
    for node in tree.css('script[type="application/ld+json"]'):
        try:
            data = parse_json(node.text())
        except ValueError:
            continue
        for thing in _list_things(data):
            if any(t in _find_first_name(thing.get("@type")).lower() for t in _ARTICLE_TYPES):
                return _read_article_data(thing)
    return {}


def _list_things(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - JSON is any
    if isinstance(data, list):
        for one in data[:100]:
            yield from _list_things(one, depth)
    elif isinstance(data, dict) and depth < 3:
        yield data
        yield from _list_things(data.get("@graph", []), depth + 1)


def _read_article_data(thing: dict[str, Any]) -> dict[str, str]:
    found = {
        "title": _find_first_name(thing.get("headline")),
        "description": _find_first_name(thing.get("description")),
        "author": ", ".join(_list_names(thing.get("author"))),
        "published": _find_first_name(thing.get("datePublished")),
        "updated": _find_first_name(thing.get("dateModified")),
        "image": _find_first_name(thing.get("image")),
        "tags": "\n".join(_list_names(thing.get("keywords"))),
        "section": "\n".join(_list_names(thing.get("articleSection"))),
        "language": _find_first_name(thing.get("inLanguage")),
    }
    return {key: value for key, value in found.items() if value}


def _find_first_name(value: Any) -> str:  # noqa: ANN401 - JSON is any
    return next(iter(_list_names(value)), "")


def _list_names(value: Any) -> Iterable[str]:  # noqa: ANN401 - JSON is any
    if isinstance(value, str):
        return [value.strip()] if value.strip() else []
    if isinstance(value, dict):
        return _list_names(value.get("name") or value.get("url") or value.get("@id"))
    if isinstance(value, list):
        return [name for one in value[:100] for name in _list_names(one)]
    return []


def _split_keywords(words: str) -> tuple[str, ...]:
    parts = words.split("\n") if "\n" in words else re.split("[,，、;；]", words)
    return tuple(dict.fromkeys(fold_line(part) for part in parts if part.strip()))


def find_episode(page: ArticlePage) -> tuple[str, str]:
    """Return URL and name of what the post reports on: its source, else what it embeds first."""
    if page.source is not None:
        return page.source.url, "" if find_media(page.source.title) else page.source.title
    for seen in page.document.media:
        if seen.kind not in ("embed", "x"):
            return seen.url, ""
    return "", ""


def find_page_picture(page: ArticlePage) -> Image | None:
    """Return the page's own picture, else the first of its text."""
    if page.image and not _SITES_OWN.search(page.image.rpartition("/")[2]):
        return Image(url=page.image)
    return next(iter(page.document.images), None)
