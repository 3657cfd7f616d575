"""From any page of a blog to its feeds, that of its posts first."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urljoin, urlsplit

from digest.errors import SourceError
from digest.fetch import Client
from digest.sources import _dates
from digest.sources._decode import decode
from digest.sources._entry import Entry, Listing
from digest.sources._feedlinks import links
from digest.sources._formats import parse

_SECTIONS = ("posts/index.xml", "post/index.xml", "blog/index.xml")
_USUAL = ("index.xml", "feed/", "feed.xml", "atom.xml", "rss.xml", "feed.json")
_MAX_FEEDS = 6
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A feed that was found: its address, the title it is linked by, and what it lists."""

    url: str
    title: str
    listing: Listing


def candidates(client: Client, page: str, body: bytes, content_type: str) -> list[Candidate]:
    """Return the feeds that the page at *page* leads to, the best first; none if there are none."""
    found = []
    for address, title in _addresses(page, decode(body, content_type)):
        listing = _listing(client, address)
        if listing is not None and listing.entries:
            found.append(Candidate(url=address, title=title or listing.title, listing=listing))
    return sorted(found, key=_rank, reverse=True)


def _addresses(page: str, text: str) -> list[tuple[str, str]]:
    """Return where to look, in order: what the page names, then the usual places."""
    named = links(text, page)[:_MAX_FEEDS]
    seen = {address for address, _ in named}
    guesses = _SECTIONS if named else (*_SECTIONS, *_USUAL)
    home = (urljoin(page, guess) for guess in guesses)
    root = (urljoin(page, "/" + guess) for guess in guesses)
    several = dict.fromkeys((*home, *root))
    return [*named, *((address, "") for address in several if address not in seen)]


def _listing(client: Client, url: str) -> Listing | None:
    try:
        answer = client.get(url)
        return parse(answer.body, answer.content_type) if answer.status == _OK else None
    except SourceError:
        return None


def _rank(found: Candidate) -> tuple[bool, int, bool]:
    """Return how likely a feed lists the blog's posts and little else; more is better."""
    path = urlsplit(found.url).path.lower()
    entries = found.listing.entries
    share = sum(_is_dated(entry) for entry in entries) / len(entries)
    sections = Counter(_section(urljoin(found.url, entry.link)) for entry in entries)
    own = _section(found.url) not in ("", "/") and _section(found.url) in sections
    return "comment" not in path, round(10 * share), own


def _is_dated(entry: Entry) -> bool:
    return bool(entry.title) and _dates.moment(entry.published or entry.updated, UTC) is not None


def _section(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rpartition("/")[0]
