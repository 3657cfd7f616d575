"""Bytes -> a listing, whatever the format; what looks costly in a process of its own.

A feed that looks costly is parsed in a process of its own, with a deadline and bounded memory.

The process reads text on stdin and writes the listing as JSON on stdout; its exit status is 3
where the text is no feed, with the three parts of the error.

Bytes -> a listing, whatever the format.
"""

import subprocess
import sys

import msgspec

from digest.model.errors import SourceError
from digest.sources._encoding import decode
from digest.sources._feed_parsers import ParsedFeed, parse_json_feed, parse_xml_feed
from digest.text.document import long_word, many_attributes, nests_deeper

_SECONDS, _BYTES = 15, 1 << 30
_NO_FEED = 3
_MAX_DEPTH = 300
_LARGE = 6 << 20


def is_costly(text: str) -> bool:
    """Tell whether parsing *text* may cost far more than its length."""
    return (
        len(text) > _LARGE
        or "<!ENTITY" in text
        or many_attributes(text)
        or long_word(text)
        or nests_deeper(text, _MAX_DEPTH)
    )


def read(text: str) -> ParsedFeed:
    """Return the feed that *text* is; SourceError says why it is none."""
    return parse_json_feed(text) if text.startswith(("{", "[")) else parse_xml_feed(text)


def read_apart(text: str, seconds: float = _SECONDS) -> ParsedFeed:
    """Return what ``read`` does, from a process of its own that is killed after *seconds*."""
    command = [sys.executable, "-m", "digest.sources._feed_formats"]
    body = text.encode("utf-8", "replace")
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command, input=body, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        cause = f"takes more than {seconds:g} seconds to read: it is made to do harm"
        raise SourceError("its body", cause) from None
    if done.returncode == _NO_FEED:
        raise SourceError(*msgspec.json.decode(done.stdout, type=tuple[str, str, str]))
    if done.returncode:
        raise SourceError("its body", "takes more memory or time to read than any feed")
    return msgspec.json.decode(done.stdout, type=ParsedFeed)


def main() -> None:
    """Read stdin under limits, write the listing to stdout."""
    _limit()
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        found = read(text)
    except SourceError as error:
        said = (error.subject, error.cause, error.remedy)
        sys.stdout.buffer.write(msgspec.json.encode(said))
        sys.exit(_NO_FEED)
    sys.stdout.buffer.write(msgspec.json.encode(found))


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the deadline holds there too
        return
    resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


if __name__ == "__main__":
    main()


_BLANK = "\ufeff \t\r\n"


def parse(body: bytes, content_type: str = "") -> ParsedFeed:
    """Return the feed that *body* is, RSS, Atom or JSON; SourceError says why it is none."""
    text = decode(body, content_type).lstrip(_BLANK)
    return read_apart(text) if is_costly(text) else read(text)


def is_page(body: bytes, content_type: str) -> bool:
    """Tell whether *body* is a web page, and no feed that is called one."""
    head = body[:4000].lstrip().lower()
    looks = b"<html" in head or head.startswith(b"<!doctype html")
    return looks or ("text/html" in content_type and b"<rss" not in head and b"<feed" not in head)
