"""From any page to what can be read: a blog's feeds, an OPML list, one page as a post.

From any page of a blog to its feeds, that of its posts first.

One page as a post: a story that an editor adds by its address.

The feeds a page names in its head (RSS Advisory Board, autodiscovery) or links to.

OPML (opml.org/spec2): the list of feeds that every feed reader exports.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from html import unescape
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.http.client import Client
from digest.model import Post
from digest.model.errors import SourceError
from digest.sources import _article, _dates
from digest.sources._encoding import decode_body
from digest.sources._feed_formats import is_web_page, parse_feed
from digest.sources._feed_parsers import FeedEntry, ParsedFeed
from digest.text.document import flatten_html
from digest.text.text_buffer import fold_line

_TYPES = frozenset(
    f"application/{kind}" for kind in ("rss+xml", "atom+xml", "feed+json", "rdf+xml")
)
_ENDINGS = ("/feed", "/feed/", ".rss", "/rss", "/rss/")
_NAMES = ("/index.xml", "/feed.xml", "/atom.xml", "/rss.xml")


def find_feed_links(html: str, url: str) -> tuple[tuple[str, str], ...]:
    """Return address and title of each feed that the page *html* at *url* names, in its order."""
    tree = LexborHTMLParser(flatten_html(html))
    base = tree.css_first("base[href]")
    at = urljoin(url, base.attributes.get("href") or "") if base is not None else url
    found: dict[str, str] = {}
    for node in tree.css("link[rel~=alternate][href], link[rel~=feed][href]"):
        kind = (node.attributes.get("type") or "").lower().split(";")[0].strip()
        if kind in _TYPES:
            found.setdefault(
                urljoin(at, node.attributes["href"] or ""), node.attributes.get("title") or ""
            )
    for node in tree.css("a[href]"):
        address = urljoin(at, node.attributes["href"] or "")
        if address.split("?")[0].lower().endswith(_ENDINGS + _NAMES):
            found.setdefault(address, fold_line(node.text()))
    return tuple((address, title) for address, title in found.items() if address.startswith("http"))


_SECTIONS = ("posts/index.xml", "post/index.xml", "blog/index.xml")
_USUAL = ("index.xml", "feed/", "feed.xml", "atom.xml", "rss.xml", "feed.json")
_MAX_FEEDS = 6
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCandidate:
    """A feed that was found: its address, the title it is linked by, and what it lists."""

    url: str
    title: str
    listing: ParsedFeed


def find_feeds(client: Client, page: str, body: bytes, content_type: str) -> list[FeedCandidate]:
    """Return the feeds that the page at *page* leads to, the best first; none if there are none."""
    found = []
    for address, title in _list_addresses(page, decode_body(body, content_type)):
        listing = _fetch_feed(client, address)
        if listing is not None and listing.entries:
            found.append(FeedCandidate(url=address, title=title or listing.title, listing=listing))
    return sorted(found, key=_rank_feed, reverse=True)


def _list_addresses(page: str, text: str) -> list[tuple[str, str]]:
    """Return where to look, in order: what the page names, then the usual places."""
    named = find_feed_links(text, page)[:_MAX_FEEDS]
    seen = {address for address, _ in named}
    guesses = _SECTIONS if named else (*_SECTIONS, *_USUAL)
    home = (urljoin(page, guess) for guess in guesses)
    root = (urljoin(page, "/" + guess) for guess in guesses)
    several = dict.fromkeys((*home, *root))
    return [*named, *((address, "") for address in several if address not in seen)]


def _fetch_feed(client: Client, url: str) -> ParsedFeed | None:
    try:
        answer = client.get(url)
        return parse_feed(answer.body, answer.content_type) if answer.status == _OK else None
    except SourceError:
        return None


def _rank_feed(found: FeedCandidate) -> tuple[bool, int, bool]:
    """Return how likely a feed lists the blog's posts and little else; more is better."""
    path = urlsplit(found.url).path.lower()
    entries = found.listing.entries
    share = sum(_has_date(entry) for entry in entries) / len(entries)
    sections = Counter(_find_section(urljoin(found.url, entry.link)) for entry in entries)
    own = _find_section(found.url) not in ("", "/") and _find_section(found.url) in sections
    return "comment" not in path, round(10 * share), own


def _has_date(entry: FeedEntry) -> bool:
    return (
        bool(entry.title) and _dates.parse_moment(entry.published or entry.updated, UTC) is not None
    )


def _find_section(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[0]


_SINGLE_OK = 200


def fetch_page_post(
    url: str, now: datetime, *, timezone: str = "", allow: tuple[str, ...] = ()
) -> Post:
    """Return the page at *url* as a post; SourceError where it is none, or has no title.

    Without a date of its own it is of *now*. Where its text cannot be told from the page around
    it, ``note`` says so and there is nothing to quote.
    """
    remedy = "Give the address of an article."
    answer = Client(origin=url, allow_private=allow).get(url)
    if answer.status != _SINGLE_OK:
        raise SourceError(url, f"the server answered {answer.status}", remedy)
    if not is_web_page(answer.body, answer.content_type):
        raise SourceError(url, "it is no web page", remedy)
    page = _article.read_article(decode_body(answer.body, answer.content_type), answer.url)
    if not page.title:
        raise SourceError(url, "the page has no title", remedy)
    written = _dates.parse_moment(page.published, _dates.find_zone(timezone)) or now
    episode, name = _article.find_episode(page)
    return Post(
        id=sha256(url.encode()).hexdigest()[:32],
        source=url,
        url=url,
        title=page.title,
        published=min(written, now),
        first_seen=now,
        abstract=page.abstract,
        author=page.author,
        language=page.language.replace("_", "-"),
        tags=page.tags,
        categories=page.categories,
        image=_article.find_page_picture(page),
        episode=episode,
        episode_name=name,
        document=page.document,
        text_from="extracted" if page.extracted else "page",
        note=page.why,
    )


_OUTLINE = re.compile(r"<outline\b([^<>]*)>", re.IGNORECASE)
_TITLE = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w:])([\w:]++)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def read_opml_title(text: str) -> str:
    """Return what the OPML *text* is called, "" where it does not say."""
    found = _TITLE.search(text)
    return fold_line(unescape(found[1])) if found else ""


def read_opml_feeds(text: str) -> tuple[tuple[str, str], ...]:
    """Return address and title of each feed in the OPML *text*, each once, in its order."""
    found: dict[str, str] = {}
    for outline in _OUTLINE.finditer(text):
        pairs = _ATTRIBUTE.findall(outline[1])
        attributes = {name.lower(): unescape(one or other) for name, one, other in pairs}
        url = attributes.get("xmlurl", "").strip()
        if url.startswith(("http://", "https://")):
            found.setdefault(
                url, fold_line(attributes.get("title") or attributes.get("text") or "")
            )
    return tuple(found.items())
