"""The feeds a page names in its head (RSS Advisory Board, autodiscovery) or links to."""

from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from digest.text.blocks import shallow
from digest.text.line import fold

_TYPES = frozenset(
    f"application/{kind}" for kind in ("rss+xml", "atom+xml", "feed+json", "rdf+xml")
)
_ENDINGS = ("/feed", "/feed/", ".rss", "/rss", "/rss/")
_NAMES = ("/index.xml", "/feed.xml", "/atom.xml", "/rss.xml")


def links(html: str, url: str) -> tuple[tuple[str, str], ...]:
    """Return address and title of each feed that the page *html* at *url* names, in its order."""
    tree = LexborHTMLParser(shallow(html))
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
            found.setdefault(address, fold(node.text()))
    return tuple((address, title) for address, title in found.items() if address.startswith("http"))
