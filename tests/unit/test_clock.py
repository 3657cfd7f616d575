"""A clock that stands elsewhere for a while: one tick by it decides nothing for good."""

from pathlib import Path

import pytest

from tests.ticking import World, taipei


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A weekly schedule, known since a week, with readers and a post of this week."""
    made = World(folder=tmp_path)
    made.schedule()
    made.post("first", taipei("2026-02-04 10:00"))
    made.tick("2026-02-02 09:30")
    made.subscribe()
    return made


def test_one_tick_of_another_year_silences_nothing_and_the_editor_is_told(world: World) -> None:
    said = world.broken("2028-05-01 08:00")
    assert "2028-05-01 00:00 UTC, and the last tick was at 2026-02-02 01:30" in said
    assert world.states() == []
    assert any("the clock of this computer jumped" in warning for warning in world.warnings)
    assert len(world.subjects("editor@example.org")) == 1
    assert [step.receipt.status for step in world.tick("2026-02-09 08:00")] == ["sent"] * 3
    assert world.told() == [["first"]]


def test_a_first_tick_in_the_future_is_no_beginning(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    world.schedule()
    world.tick("2028-05-01 07:00")
    world.subscribe()
    world.broken("2026-02-09 07:45")
    world.post("first", taipei("2026-02-04 10:00"))
    assert [step.receipt.status for step in world.tick("2026-02-09 08:00")] == ["sent"] * 3


def test_a_clock_that_is_right_after_a_long_pause_is_believed_by_the_second_tick(
    world: World,
) -> None:
    world.post("later", taipei("2026-05-27 10:00"))
    assert "Nothing was done" in world.broken("2026-06-01 08:00")
    world.tick("2026-06-01 08:15")
    assert world.states()[-1] == ("06-01", "sent")


def test_a_clock_that_is_weeks_ahead_takes_no_run_away(world: World) -> None:
    """So near a jump cannot be told from a pause: what it took up is taken up again in its time."""
    (world.folder / "posts" / "first.md").unlink()
    world.tick("2026-03-09 08:00")
    assert [day for day, _ in world.states()] == ["02-09", "02-16", "02-23", "03-02", "03-09"]
    world.broken("2026-02-08 09:00")
    world.post("first", taipei("2026-02-04 10:00"))
    world.tick("2026-02-09 08:00")
    assert dict(world.states())["02-09"] == "sent"
    world.post("second", taipei("2026-02-12 10:00"))
    world.tick("2026-02-16 08:00")
    assert dict(world.states())["02-16"] == "sent"
    assert world.told() == [["first"], ["second"]]


def test_a_clock_that_starts_in_the_past_does_nothing(world: World) -> None:
    assert "1970-01-01" in world.broken("1970-01-01 08:00")
    assert [step.receipt.status for step in world.tick("2026-02-09 08:00")] == ["sent"] * 3
