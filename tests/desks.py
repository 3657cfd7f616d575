"""The sample blog's week on an editor's desk: drafted once, copied for each test."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from digest.app.composition import App
from digest.app.demo import write_demo
from digest.config.settings import CONFIG_FILE, load_settings
from digest.editorial import editing, pipeline
from digest.editorial.editable_blocks import list_editable_blocks
from digest.editorial.periods import current_week
from digest.editorial.pipeline import Drafted, PipelineDeps
from digest.model import Editable, Story

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
ISSUE = "weekly-2026-W11"


@cache
def _made() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="digest-desk-")) / "demo"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    write_demo(folder, NOW)
    _name_the_source(folder)
    return folder


def _name_the_source(folder: Path) -> None:
    """Draft the week again from a source whose name is not its place: copies are elsewhere."""
    path = folder / CONFIG_FILE
    path.write_text(path.read_text("utf-8").replace("kind =", 'name = "blog"\nkind ='), "utf-8")
    for file in folder.glob("digest.db*"):
        file.unlink()
    settings = load_settings(str(path), {})
    kit = App(settings).kit()
    pipeline.poll_sources(kit, NOW)
    pipeline.draft_issue(kit, App(settings).edition(), lambda zone: current_week(NOW, zone), NOW)


@dataclass
class Desk:
    """A demo of its own, with a clock that every command moves on by a minute."""

    folder: Path
    kit: PipelineDeps
    now: datetime = NOW

    @classmethod
    def at(cls, folder: Path) -> "Desk":
        shutil.copytree(_made(), folder, dirs_exist_ok=True)
        return cls(folder=folder, kit=App(load_settings(str(folder / CONFIG_FILE), {})).kit())

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def look(self) -> Drafted:
        return pipeline.preview_issue(self.kit, ISSUE, self.now)

    def write(self, block: str, value: str | None, base: str | None = None, **how) -> Drafted:
        change = editing.BlockChange(block=block, value=value, base=base)
        return editing.record_changes(self.kit, ISSUE, [change], self.tick(), **how)

    def draft(self) -> Drafted:
        """Draft the week again, from its sources."""
        settings = load_settings(str(self.folder / CONFIG_FILE), {})
        kit, now = App(settings).kit(), self.tick()
        pipeline.poll_sources(kit, now)
        period = self.look().revision.issue.period
        return pipeline.draft_issue(kit, App(settings).edition(), lambda zone: period, now)

    def block(self, name: str) -> Editable:
        return next(one for one in list_editable_blocks(self.look()) if one.name == name)

    def story(self, place: int = 0) -> Story:
        return list(self.look().revision.issue.stories)[place]

    def file(self, story: Story) -> Path:
        """Return the file that *story* was read from."""
        return self.folder / "blog" / "content" / "posts" / Path(story.post.guid).name
