"""Real feeds and a real blog's history, where they are at hand: see ``tests.shared``."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from digest.editorial.collect import collect_sources
from digest.model.errors import SourceError
from digest.sources import _dates, feed
from digest.sources._feed_formats import parse_feed
from digest.sources._feed_parsers import ParsedFeed
from tests.http_server import Answer, HttpServer, Request, text
from tests.memory import Memory
from tests.shared import shared

FEEDS = [found for found in [shared("feeds", "manifest.jsonl")] if found]
REPLAYS = [found for found in [shared("blog", "replay", "replay.json")] if found]
TAIPEI = ZoneInfo("Asia/Taipei")
PUBLISHED = b"http://127.0.0.1:8917"


def rows(manifest: Path) -> Iterator[tuple[dict, ParsedFeed | None]]:
    """Yield each row of the manifest with what its file was read as, None for an error."""
    for line in manifest.read_text("utf-8").splitlines():
        row = json.loads(line)
        try:
            yield (
                row,
                parse_feed((manifest.parent / row["file"]).read_bytes(), row["content_type"] or ""),
            )
        except SourceError:
            yield row, None


def is_right(row: dict, found: ParsedFeed | None) -> bool:
    count = len(found.entries) if found else 0
    if "expected_min" in row:
        return count >= row["expected_min"]
    return count == row["expected_entries"]


def prints_the_date(row: dict, found: ParsedFeed) -> bool:
    entry, expected = found.entries[0], row["expected_date"]
    date = _dates.parse_moment(entry.published or entry.updated, TAIPEI)
    if expected is None or date is None:
        return date is expected
    if expected in ("site-tz", "ambiguous"):
        return date.utcoffset() == timedelta(hours=8)
    return date == datetime.fromisoformat(expected)


@pytest.mark.parametrize("manifest", FEEDS, ids=["feeds"])
def test_feeds_of_the_wild_are_read(manifest: Path) -> None:
    read = list(rows(manifest))
    wrong = [row["file"] for row, found in read if not is_right(row, found)]
    assert len(wrong) <= len(read) / 100, wrong
    assert not [r["file"] for r, found in read if r.get("expected_error") is True and found]
    dated = [(row, found) for row, found in read if found and "expected_date" in row]
    assert not [row["file"] for row, found in dated if not prints_the_date(row, found)]
    titled = [(r, found) for r, found in read if found and r.get("expected_first_title")]
    other = [r["file"] for r, f in titled if f.entries[0].title != r["expected_first_title"]]
    assert len(other) <= len(titled) / 50, other


def page(root: Path, base: bytes, request: Request) -> Answer:
    path = root / request.path.lstrip("/")
    file = path / "index.html" if path.is_dir() else path
    if not file.is_file():
        return text("not here", status=404)
    kind = "application/xml" if file.suffix == ".xml" else "text/html; charset=utf-8"
    return Answer(body=file.read_bytes().replace(PUBLISHED, base), type=kind)


@pytest.mark.parametrize("replay", REPLAYS, ids=["replay"])
def test_a_blogs_history_gives_every_post_once(replay: Path, http_server: HttpServer) -> None:
    store, seen = Memory(), set()
    source = feed.build({"url": f"{http_server.url}/posts/index.xml", "name": "blog"})
    for place, step in enumerate(json.loads(replay.read_text("utf-8"))):
        root = replay.parent / step["name"]
        answer = partial(page, root, http_server.url.encode())
        http_server.put("/posts/index.xml", answer)
        now = datetime.fromisoformat(step["at"]).astimezone(UTC)
        (found,) = collect_sources([source], store, store, now=now)
        new = {post.url.rstrip("/").rpartition("/")[2] for post in found.new}
        left = {one.url.rstrip("/").rpartition("/")[2] for one in found.skipped}
        assert not new & seen
        assert not found.held
        if place:
            assert new == {Path(name).stem.lower() for name in step["added"]} - left
        seen |= new
        asked = len(http_server.log)
        (again,) = collect_sources([source], store, store, now=now + timedelta(minutes=5))
        assert (again.new, again.changed) == ((), ())
        assert [request.status for request in http_server.log[asked:]] == [304]
