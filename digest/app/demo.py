"""``digest demo``: the sample blog, drafted into a folder of its own, with no network."""

import re
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from digest.app.composition import App
from digest.config.settings import CONFIG_FILE, load_settings
from digest.editorial import periods, pipeline
from digest.model import Revision
from digest.model.errors import DigestError
from digest.render.export import export_revision

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
ZONE = "Asia/Taipei"
LAST_WEEK_OF_SAMPLE = date(2026, 3, 9)  # the Monday of its second week
_DATE = re.compile(r"^((?:date|publishDate|lastmod):\s*)(\d{4}-\d{2}-\d{2})", re.MULTILINE)

MARK = "# The sample blog's digest."
CONFIG = f"""\
{MARK} Every command works in this folder, for instance:
#   digest draft          make the issue of last week again
#   digest show --verbose
#   digest threads --network mastodon
title = "聽寫簿週報"
language = "zh-Hant-TW"
timezone = "Asia/Taipei"
site = "https://blog.example.org/"
store = "digest.db"

[[sources]]
kind = "hugo"
folder = "blog/content/posts"

[mail]
from = "聽寫簿週報 <weekly@example.org>"
postal_address = "100 臺北市聽雨路 1 號"
unsubscribe = "https://digest.example.org/u"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What the demo made: the revision and the files, the email first."""

    revision: Revision
    files: tuple[Path, ...]


def write_demo(folder: Path, now: datetime) -> Demo:
    """Write the sample blog, its digest.toml, store and outputs to *folder*; touch nothing else.

    The posts are dated so that the blog's newest whole week is the last one before *now*.
    DigestError if *folder* holds something that is not a demo, or cannot be written.
    """
    _refuse_foreign(folder)
    try:
        _copy_blog(folder / "blog", now)
        (folder / CONFIG_FILE).write_text(CONFIG, "utf-8")
        revision = _draft_sample(folder, now)
        return Demo(revision=revision, files=_write_outputs(revision, folder))
    except OSError as error:
        remedy = "Choose a folder that you may write to: digest demo DIR"
        raise DigestError(str(folder), f"cannot be written: {error.strerror}", remedy) from None


def _refuse_foreign(folder: Path) -> None:
    settings = folder / CONFIG_FILE
    if settings.is_file() and settings.read_text("utf-8", "replace").startswith(MARK):
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DigestError(str(folder), "is there already", "Choose a new one: digest demo DIR")


def _copy_blog(folder: Path, now: datetime) -> None:
    shift = last_week(now) - LAST_WEEK_OF_SAMPLE
    for part in ("content", "static"):
        shutil.copytree(SAMPLE / part, folder / part, dirs_exist_ok=True)
    shutil.copyfile(SAMPLE / "hugo.toml", folder / "hugo.toml")
    for post in (folder / "content").rglob("*.md"):
        post.write_text(shift_dates(post.read_text("utf-8"), shift), "utf-8")


def last_week(now: datetime) -> date:
    """Return the Monday of the last whole week before *now* in the sample's zone."""
    today = now.astimezone(ZoneInfo(ZONE)).date()
    return today - timedelta(days=today.weekday() + 7)


def shift_dates(markdown: str, shift: timedelta) -> str:
    """Return a post with the dates of its front matter moved by *shift*, whole weeks."""
    front, fence, body = markdown.removeprefix("---\n").partition("\n---\n")

    def moved(found: re.Match[str]) -> str:
        return f"{found[1]}{date.fromisoformat(found[2]) + shift}"

    return f"---\n{_DATE.sub(moved, front)}{fence}{body}" if fence else markdown


def _draft_sample(folder: Path, now: datetime) -> Revision:
    app = App(load_settings(str(folder / CONFIG_FILE), {}))
    kit, edition = app.kit(), app.edition()
    pipeline.poll_sources(kit, now)
    drafted = pipeline.draft_issue(kit, edition, lambda zone: periods.current_week(now, zone), now)
    return drafted.revision


def _write_outputs(revision: Revision, folder: Path) -> tuple[Path, ...]:
    files = {"issue.html": "html", "issue.txt": "text", "issue.eml": "eml"}
    written = {folder / name: export_revision(revision, form) for name, form in files.items()}
    written[folder / "issue.html"] = with_pictures(written[folder / "issue.html"])
    for thread in revision.threads:
        name = f"thread-{thread.network}.txt"
        written[folder / name] = export_revision(revision, "thread", thread.network)
    for path, content in written.items():
        path.write_bytes(content)
    return tuple(written)


def with_pictures(html: bytes) -> bytes:
    """Return *html* with the sample's pictures taken from the folder: its host does not exist."""
    return html.replace(b'src="https://blog.example.org/', b'src="blog/static/')
