"""OPML (opml.org/spec2): the list of feeds that every feed reader exports."""

import re
from html import unescape

from digest.text.line import fold

_OUTLINE = re.compile(r"<outline\b([^<>]*)>", re.IGNORECASE)
_TITLE = re.compile(r"<title>([^<]*)</title>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w:])([\w:]++)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def title(text: str) -> str:
    """Return what the OPML *text* is called, "" where it does not say."""
    found = _TITLE.search(text)
    return fold(unescape(found[1])) if found else ""


def read(text: str) -> tuple[tuple[str, str], ...]:
    """Return address and title of each feed in the OPML *text*, each once, in its order."""
    found: dict[str, str] = {}
    for outline in _OUTLINE.finditer(text):
        pairs = _ATTRIBUTE.findall(outline[1])
        attributes = {name.lower(): unescape(one or other) for name, one, other in pairs}
        url = attributes.get("xmlurl", "").strip()
        if url.startswith(("http://", "https://")):
            found.setdefault(url, fold(attributes.get("title") or attributes.get("text") or ""))
    return tuple(found.items())
