"""What goes wrong on the web, as answers: ``server.put("/feed.xml", faults.stalled())``."""

import gzip
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime

from tests.http_server import HTML, Answer, Delivery, Wire, text, whole


def failing(status: int, retry_after: int | datetime | None = None, body: str = "") -> Answer:
    """Return an error status, with Retry-After in seconds or as a date where it is given."""
    later = format_datetime(retry_after, usegmt=True) if isinstance(retry_after, datetime) else None
    value = later or ("" if retry_after is None else str(retry_after))
    return Answer(body=body.encode(), status=status, headers={"Retry-After": value}, etag="")


def dripping(answer: Answer, pause: float = 0.05, chunk: int = 16) -> Answer:
    """Return *answer* sent *chunk* bytes at a time with *pause* seconds between."""

    def deliver(wire: Wire, head: bytes, body: bytes) -> None:
        wire.send(head)
        for start in range(0, len(body), chunk):
            wire.send(body[start : start + chunk])
            wire.wait(pause)

    return _with(answer, deliver)


def stalled(answer: Answer | None = None, after: int | None = None) -> Answer:
    """Return an answer that stops for good: *after* so many bytes of the body, None: at once."""

    def deliver(wire: Wire, head: bytes, body: bytes) -> None:
        if after is not None:
            wire.send(head + body[:after])
        wire.wait(None)

    return _with(answer or Answer(), deliver)


def truncated(answer: Answer, at: int) -> Answer:
    """Return *answer* whose connection closes after *at* bytes of the promised body."""
    return _with(answer, lambda wire, head, body: whole(wire, head, body[:at]))


def dropped() -> Answer:
    """Return no answer: the connection is reset once the request is read."""
    return _with(Answer(), lambda wire, head, body: wire.reset())


def corrupt_gzip(body: bytes, kind: str = HTML) -> Answer:
    """Return *body* as gzip whose second half is damaged."""
    packed = gzip.compress(body, mtime=0)
    half = len(packed) // 2
    return _packed(packed[:half] + bytes(255 - byte for byte in packed[half:]), kind)


def bomb(megabytes: int, kind: str = HTML) -> Answer:
    """Return a small gzip body that unfolds to *megabytes* of spaces."""
    return _packed(gzip.compress(b" " * (megabytes << 20), mtime=0), kind)


def mislabelled(body: str, *, encoded: str, declared: str, kind: str = "text/html") -> Answer:
    """Return *body* in the charset *encoded* while the header says *declared*."""
    return Answer(body=body.encode(encoded), type=f"{kind}; charset={declared}")


def html_instead() -> Answer:
    """Return a page with status 200 where something else was asked for."""
    return text("<!doctype html><title>Please sign in</title><p>Please sign in to go on.")


def _packed(body: bytes, kind: str) -> Answer:
    return Answer(body=body, type=kind, headers={"Content-Encoding": "gzip"}, etag="")


def _with(answer: Answer, deliver: Delivery) -> Answer:
    return replace(answer, deliver=deliver, headers={**answer.headers, "Connection": "close"})
