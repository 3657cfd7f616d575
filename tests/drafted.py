"""Issues as the pipeline drafts them, from every blog there is (``tests.blogs``)."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path

from digest.app.composition import App
from digest.app.demo import write_demo
from digest.config.settings import CONFIG_FILE, load_settings
from digest.editorial import pipeline
from digest.editorial.periods import find_span, find_week
from digest.model import Issue, Period
from tests.blogs import blogs

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
CONFIG = """\
title = "週報"
language = "zh-Hant-TW"
timezone = "Asia/Taipei"
site = "https://blog.example.org/"
store = "digest.db"
[[sources]]
kind = "hugo"
folder = '{folder}'
"""


TRAPS = Path(__file__).parent / "data" / "hostile" / "content" / "posts"
WEEKS = ("2025-W52", "2026-W02", "2026-W03")  # 192 posts, 43, and 2 with no picture
NAMES = ("sample", "traps", *(f"blog {week}" for _ in blogs()[1:] for week in WEEKS))


@cache
def issue(name: str) -> Issue:
    """Return an issue: of the demo ("sample"), hostile posts ("traps") or a week of a real blog."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "sample":
            return write_demo(Path(folder) / "demo", NOW).revision.issue
        if name == "traps":
            return _issue(
                Path(folder), TRAPS, partial(find_span, date(2026, 1, 1), date(2026, 3, 15))
            )
        return _issue(
            Path(folder), blogs()[1].content, partial(find_week, name.removeprefix("blog "))
        )


def _issue(folder: Path, content: Path, window: Callable[[str], Period]) -> Issue:
    (folder / CONFIG_FILE).write_text(CONFIG.format(folder=content), encoding="utf-8")
    settings = load_settings(str(folder / CONFIG_FILE), {})
    kit, edition = App(settings).kit(), App(settings).edition()
    pipeline.poll_sources(kit, NOW)
    return pipeline.draft_issue(kit, edition, window, NOW).revision.issue
