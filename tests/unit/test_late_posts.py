"""What no approved issue decided on belongs to the next one, however its window was made."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from digest.app.composition import App
from digest.editorial import editing, periods, pipeline
from digest.editorial.periods import describe_unfinished
from digest.model import Period, Revision
from tests.command import digest
from tests.issues import chinese
from tests.ticking import CONFIG, World, taipei

NOTES = '[[sources]]\nkind = "hugo"\nfolder = "notes"\n'


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(folder=tmp_path, language="en")


def drafted(world: World, now: str, window: str) -> Revision:
    """Poll, and draft the issue of a week, or of days "2026-01-24..2026-01-31", at *now*."""
    kit, moment = App(world.settings).kit(), taipei(now)
    first, _, last = window.partition("..")

    def period(zone: str) -> Period:
        if not last:
            return periods.find_week(window, zone)
        return periods.find_span(date.fromisoformat(first), date.fromisoformat(last), zone)

    pipeline.poll_sources(kit, moment)
    return pipeline.draft_issue(kit, App(world.settings).edition(), period, moment).revision


def approve(world: World, now: str, window: str) -> None:
    pipeline.approve_revision(world.issues, drafted(world, now, window), taipei(now))


@pytest.mark.parametrize("following", ["2026-W05", "2026-01-26..2026-02-01", "2026-W06"])
def test_what_appears_after_an_early_approval_is_in_the_next_issue(
    world: World, following: str
) -> None:
    world.post("salt", taipei("2026-01-19 10:00"))
    approve(world, "2026-01-23 12:00", "2026-W04")
    world.post("mill", taipei("2026-01-24 10:00"))
    world.post("lamp", taipei("2026-01-27 10:00"))
    approve(world, "2026-02-09 09:00", following)
    assert world.told() == [["salt"], ["lamp", "mill"]]


def test_what_was_read_before_the_approval_of_an_older_draft_is_in_the_next_issue(
    world: World,
) -> None:
    world.post("salt", taipei("2026-01-19 10:00"))
    old = drafted(world, "2026-01-23 12:00", "2026-W04")
    world.post("mill", taipei("2026-01-23 13:00"))
    pipeline.poll_sources(App(world.settings).kit(), taipei("2026-01-24 12:00"))
    pipeline.approve_revision(world.issues, old, taipei("2026-01-24 13:00"))
    world.post("lamp", taipei("2026-01-27 10:00"))
    approve(world, "2026-02-02 09:00", "2026-W05")
    assert world.told() == [["salt"], ["lamp", "mill"]]


def test_a_first_issue_and_a_source_that_is_added_later_bring_no_backlog(world: World) -> None:
    for name, at in (("old", "2025-12-01 10:00"), ("salt", "2026-01-19 10:00")):
        world.post(name, taipei(at))
    approve(world, "2026-01-26 09:00", "2026-W04")
    assert world.told() == [["salt"]]
    (world.folder / "digest.toml").write_text(f"{CONFIG}\n{NOTES}".replace("zh-Hant-TW", "en"))
    notes = World(folder=world.folder / "notes-of-another", language="en")
    notes.post("attic", taipei("2026-01-20 10:00"), seed=500)
    notes.post("fresh", taipei("2026-01-28 10:00"), seed=600)
    (notes.folder / "posts").rename(world.folder / "notes")
    world.post("lamp", taipei("2026-01-27 10:00"))
    approve(world, "2026-02-02 09:00", "2026-W05")
    assert world.told()[1] == ["fresh", "lamp"]


def test_an_issue_of_days_that_are_not_over_says_what_is_left_for_the_next(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.md").write_text("---\ntitle: A\ndate: 2026-01-19\n---\nThe ferry.\n")
    folder = '[[sources]]\nkind = "hugo"\nfolder = "posts"\n'
    (tmp_path / "digest.toml").write_text(f'site = "https://blog.example.org/"\n{folder}')
    days = ("--since", "2026-01-01", "--until", "2999-01-01")
    said = digest("draft", *days, cwd=tmp_path).warnings[-1]
    assert "is not over: what appears until 2999-01-02 00:00 is left for the next issue" in said
    assert "is not over" in digest("approve", cwd=tmp_path).warnings[0]


def test_a_period_that_is_over_needs_no_word() -> None:
    issue = chinese()
    assert list(describe_unfinished(issue, issue.period.end)) == []
    (said,) = describe_unfinished(issue, issue.period.start)
    assert "until 2026-01-12 00:00" in said


def test_an_editor_pins_what_was_written_over_an_old_post(world: World) -> None:
    world.post("list", taipei("2026-01-01 10:00"), seed=1)
    approve(world, "2026-01-05 09:00", "2026-W01")
    world.post("list", taipei("2026-01-01 10:00"), seed=2)
    settings, now = world.settings, taipei("2026-01-20 09:00")
    kit = App(settings).kit()
    pipeline.poll_sources(kit, now)
    wishes = editing.DraftWishes(pins=("https://blog.example.org/posts/list/",))
    window = partial(periods.find_week, "2026-W03")
    editing.record_wishes(kit, App(settings).edition(), window, wishes, now)
    made = pipeline.draft_issue(kit, App(settings).edition(), window, now).revision
    pipeline.approve_revision(world.issues, made, now)
    assert world.told() == [["list"], ["list"]]
