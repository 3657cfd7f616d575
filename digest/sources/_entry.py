"""What every feed format becomes: a listing of entries, as printed, before it is judged."""

import re
from dataclasses import dataclass
from html import unescape

from digest.text.line import fold

_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z]\w+);")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
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
class Listing:
    """A whole feed; *partial* where it broke off, so that nothing stored may be overwritten."""

    title: str = ""
    language: str = ""
    link: str = ""
    entries: tuple[Entry, ...] = ()
    partial: bool = False


def plain(title: str) -> str:
    """Return *title* as one line of text: markup read, entities resolved, marks dropped."""
    if "<" in title:
        title = _TAG.sub("", title)
    if _ENTITY.search(title):
        title = unescape(title)
    return fold(title)
