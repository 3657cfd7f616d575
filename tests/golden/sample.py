"""The sample blog as the tests read it: its folder, and a post's front matter and body."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

SAMPLE = Path(__file__).resolve().parents[2] / "digest" / "data" / "sample"
POSTS = SAMPLE / "content" / "posts"


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplePost:
    """One Markdown file, read with nothing of the project: what the code is measured against."""

    file: str
    front: dict[str, Any]
    body: str

    @property
    def date(self) -> datetime:
        return self.front["date"]

    @property
    def english(self) -> bool:
        return self.front.get("language") == "en"


def sample_posts() -> list[SamplePost]:
    return [_read(path) for path in sorted(POSTS.glob("*.md"))]


def live_posts() -> list[SamplePost]:
    """Return what is neither a draft nor due in 2099."""
    posts = sample_posts()
    return [p for p in posts if not p.front["draft"] and p.file < "20990101"]


def _read(path: Path) -> SamplePost:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return SamplePost(file=path.name, front=yaml.safe_load(front), body=body)
