"""Bytes -> a listing, whatever the format; what looks costly in a process of its own.

A feed that looks costly is parsed in a process of its own, with a deadline and bounded memory.
"""

import msgspec

from digest.http.limited_process import run_limited, serve_limited
from digest.model.errors import DigestError, SourceError
from digest.sources._encoding import decode_body
from digest.sources._feed_parsers import ParsedFeed, parse_json_feed, parse_xml_feed
from digest.text.document import has_long_word, has_many_attributes, nests_deeper

_SECONDS = 15
_MAX_DEPTH = 300
_LARGE = 6 << 20
_BLANK = "\ufeff \t\r\n"


def is_costly(text: str) -> bool:
    """Tell whether parsing *text* may cost far more than its length."""
    return (
        len(text) > _LARGE
        or "<!ENTITY" in text
        or has_many_attributes(text)
        or has_long_word(text)
        or nests_deeper(text, _MAX_DEPTH)
    )


def parse_feed_text(text: str) -> ParsedFeed:
    """Return the feed that *text* is; SourceError says why it is none."""
    return parse_json_feed(text) if text.startswith(("{", "[")) else parse_xml_feed(text)


def parse_in_process(text: str, seconds: float = _SECONDS) -> ParsedFeed:
    """Return what ``parse_feed_text`` does, from a process that is killed after *seconds*."""
    body = text.encode("utf-8", "replace")
    try:
        found = run_limited("digest.sources._feed_formats", body, seconds=seconds)
    except DigestError as error:
        raise SourceError(error.subject, error.cause, error.remedy) from None
    return msgspec.json.decode(found, type=ParsedFeed)


def _read_bytes(body: bytes) -> bytes:
    return msgspec.json.encode(parse_feed_text(body.decode("utf-8", "replace")))


def parse_feed(body: bytes, content_type: str = "") -> ParsedFeed:
    """Return the feed that *body* is, RSS, Atom or JSON; SourceError says why it is none."""
    text = decode_body(body, content_type).lstrip(_BLANK)
    return parse_in_process(text) if is_costly(text) else parse_feed_text(text)


def is_web_page(body: bytes, content_type: str) -> bool:
    """Tell whether *body* is a web page, and no feed that is called one."""
    head = body[:4000].lstrip().lower()
    looks = b"<html" in head or head.startswith(b"<!doctype html")
    return looks or ("text/html" in content_type and b"<rss" not in head and b"<feed" not in head)


if __name__ == "__main__":
    serve_limited(_read_bytes, seconds=_SECONDS)
