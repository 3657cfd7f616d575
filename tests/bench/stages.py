"""What single steps cost in process."""

from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path

from tests.bench.measure import Figure, median, pair, seconds
from tests.shared import shared


def _feed() -> bytes:
    """Return a feed of about 800 KB: the real one, or the sample's items many times over."""
    real = shared("blog", "replay", "02-20260115", "posts", "index.xml")
    if real:
        return real.read_bytes()
    from digest.app.demo import SAMPLE

    text = (SAMPLE / "public" / "posts" / "index.xml").read_text("utf-8")
    head, first, rest = text.partition("<item>")
    items, last, tail = (first + rest).rpartition("</item>")
    times = 800_000 // len((items + last).encode()) + 1
    return (head + (items + last) * times + tail).encode()


def bench_parse(folder: Path) -> Iterator[Figure]:
    """A feed of about 800 KB, bytes to entries and to posts, against feedparser alone."""
    import feedparser

    from digest.model import CacheValidators
    from digest.sources._feed_formats import parse_feed
    from digest.sources.feed import build
    from tests.http_server import Answer, serving

    body, kind = _feed(), "application/rss+xml; charset=utf-8"
    alone = partial(seconds, lambda: feedparser.parse(BytesIO(body)))
    entries = partial(seconds, partial(parse_feed, body, kind))
    ours, ratio = pair(entries, alone, rounds=7)
    more = {"yardstick": "feedparser alone", "unit": "ms CPU"}
    yield Figure(what="feed to entries", value=ours * 1000, ratio=ratio, bar=1.3, **more)

    with serving() as server:
        source = build({"url": server.put("/feed", Answer(body=body, type=kind))})
        poll = partial(seconds, partial(source.poll, CacheValidators(), _now()))
        ours, ratio = pair(poll, alone, rounds=7)
    yield Figure(what="feed to posts, HTTP and server too", value=ours * 1000, ratio=ratio, **more)


def _now() -> "object":
    from datetime import UTC, datetime

    return datetime(2026, 2, 1, tzinfo=UTC)


def bench_render(folder: Path) -> Iterator[Figure]:
    """One issue of seven stories to MJML, HTML, plain text and MIME, in process."""
    from digest.render.email import render_email
    from digest.render.templates import Templates
    from tests.issues import chinese, letterhead

    issue, templates, head = chinese(), Templates.load(), letterhead()
    cost = median(lambda: seconds(lambda: render_email(issue, templates, head)), 31)
    stories = len(list(issue.stories))
    yield Figure(what=f"email of {stories} stories", value=cost * 1000, unit="ms CPU", bar=15)
