"""Issues as the pipeline drafts them, from every blog there is (``tests.blogs``)."""

import tempfile
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from digest import app, config, pipeline
from digest.demo import demo
from digest.model import Issue
from digest.periods import week
from tests.blogs import Blog, blogs

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


NAMES = ("sample", *(f"blog{number}" for number, _ in enumerate(blogs()[1:], 1)))


@cache
def issue(name: str) -> Issue:
    """Return the issue of the demo ("sample") or of a further blog ("blog1")."""
    with tempfile.TemporaryDirectory() as folder:
        if name == "sample":
            return demo(Path(folder) / "demo", NOW).revision.issue
        return _issue(Path(folder), blogs()[int(name.removeprefix("blog"))])


def _issue(folder: Path, blog: Blog) -> Issue:
    (folder / config.FILE).write_text(CONFIG.format(folder=blog.content), encoding="utf-8")
    settings = config.load(str(folder / config.FILE), {})
    kit, edition = app.kit(settings), app.edition(settings)
    return pipeline.draft(kit, edition, partial(week, blog.week), NOW).revision.issue
