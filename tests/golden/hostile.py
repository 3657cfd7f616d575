"""The hostile posts and feeds, and what a correct reader makes of them."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from digest.model import Batch, CacheValidators, Post, SkippedPost
from digest.sources import hugo

HOSTILE = Path(__file__).resolve().parents[1] / "data" / "hostile"
FOLDER = HOSTILE / "content" / "posts"
FEEDS = HOSTILE / "feeds"
EXPECTED: dict[str, Any] = json.loads((HOSTILE / "expected.json").read_text("utf-8"))
NOW = datetime.fromisoformat(EXPECTED.pop("@now"))
POSTS = {name: want for name, want in EXPECTED.items() if "/" not in name}
FEED_FILES = {name.partition("/")[2]: want for name, want in EXPECTED.items() if "/" in name}


@cache
def folder() -> tuple[dict[str, Post], dict[str, SkippedPost], Batch]:
    """Return the folder's posts, texts included, and what was left out, both by file name."""
    source = hugo.build({"folder": str(FOLDER), "name": "hostile"})
    batch = source.poll(CacheValidators(), NOW)
    assert isinstance(batch, Batch)
    posts = {Path(post.guid).name: source.complete(post) for post in batch.posts}
    return posts, {_file(one): one for one in batch.skipped}, batch


def _file(skipped: SkippedPost) -> str:
    """Return the name of the file that *skipped* is about: its path, or its post's address."""
    stem = Path(skipped.url.rstrip("/")).name
    return stem if stem.endswith(".md") else f"{stem}.md"


def shown(post: Post) -> str:
    """Return all words of *post* that a reader may see."""
    return "\n".join((post.title, post.abstract, post.document.text, *post.tags, *post.people))
