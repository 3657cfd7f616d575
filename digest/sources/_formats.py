"""Bytes -> a listing, whatever the format."""

from digest.sources import _child
from digest.sources._decode import decode
from digest.sources._entry import Listing

_BLANK = "\ufeff \t\r\n"


def parse(body: bytes, content_type: str = "") -> Listing:
    """Return the feed that *body* is, RSS, Atom or JSON; SourceError says why it is none."""
    text = decode(body, content_type).lstrip(_BLANK)
    return _child.read_apart(text) if _child.is_costly(text) else _child.read(text)


def is_page(body: bytes, content_type: str) -> bool:
    """Tell whether *body* is a web page, and no feed that is called one."""
    head = body[:4000].lstrip().lower()
    looks = b"<html" in head or head.startswith(b"<!doctype html")
    return looks or ("text/html" in content_type and b"<rss" not in head and b"<feed" not in head)
