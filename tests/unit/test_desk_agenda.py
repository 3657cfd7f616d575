"""What the desk says a schedule will do, and how an editor holds a run, lets it go, leaves it out.

Every claim is checked by the tick that comes after it.
"""

from pathlib import Path

import pytest

from digest.app.composition import App
from digest.model.errors import ConfigError, DraftError
from digest.web.desk.schedule_panel import Agenda, find_agenda, steer_run
from tests.ticking import World, taipei

ISSUE = "weekly-2026-W05"
WEEKLY = 'when = "Mon 08:00"\nwindow = "calendar-week"\nlead = "12h"\nunapproved = "send"\n'
BEFORE, DRAFTED, AFTER = "2026-01-31 12:00", "2026-02-02 00:30", "2026-02-02 08:05"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(folder=tmp_path)
    made.subscribe()
    made.schedule(WEEKLY)
    for day in range(26, 31):
        made.post(f"ferry-{day}", taipei(f"2026-01-{day} 10:00"))
    made.tick("2026-01-26 09:00")
    return made


def seen(world: World, at: str, issue: str = ISSUE) -> Agenda:
    found = find_agenda(App(world.settings), "weekly", issue, taipei(at))
    assert found is not None
    return found


def test_a_run_to_come_is_told_before_it_is_drafted(world: World) -> None:
    found = seen(world, BEFORE)
    assert found.leaves == taipei("2026-02-02 08:00")
    assert found.drafted == taipei("2026-02-02 00:00")
    assert found.taken is None
    assert not found.may_hold
    assert found.serves("email")
    assert not found.serves("bluesky")
    assert [one.issue for one in found.coming][:2] == [ISSUE, "weekly-2026-W06"]


def test_a_run_that_is_held_does_not_leave_and_one_let_go_does(world: World) -> None:
    world.tick(DRAFTED)
    assert seen(world, DRAFTED).may_hold
    steer_run(App(world.settings), "weekly", ISSUE, "hold", taipei(DRAFTED))
    assert seen(world, DRAFTED).held
    world.tick(AFTER)
    assert world.readers_got() == []
    steer_run(App(world.settings), "weekly", ISSUE, "free", taipei(AFTER))
    world.tick("2026-02-02 08:10")
    assert world.readers_got() == [1, 1, 1]
    assert world.subjects("editor@example.org") == []  # nobody is told what they did themselves


def test_a_run_that_is_left_out_makes_no_issue_until_it_is_taken_back(world: World) -> None:
    steer_run(App(world.settings), "weekly", ISSUE, "skip", taipei(BEFORE))
    left = seen(world, BEFORE)
    assert left.left_out
    assert left.leaves is None
    steer_run(App(world.settings), "weekly", ISSUE, "run", taipei(BEFORE))
    assert seen(world, BEFORE).leaves
    steer_run(App(world.settings), "weekly", ISSUE, "skip", taipei(BEFORE))
    world.tick(DRAFTED)
    world.tick(AFTER)
    assert world.readers_got() == []


def test_an_issue_of_no_run_says_so_and_cannot_be_steered(world: World) -> None:
    assert seen(world, BEFORE, "weekly-2025-W40").at is None
    with pytest.raises(DraftError, match="no schedule"):
        steer_run(App(world.settings), "weekly", "weekly-2025-W40", "hold", taipei(BEFORE))


def test_a_run_that_went_on_meanwhile_is_not_held(world: World) -> None:
    world.tick(DRAFTED)
    world.tick(AFTER)
    for how in ("hold", "free", "skip", "nonsense"):
        with pytest.raises(DraftError):
            steer_run(App(world.settings), "weekly", ISSUE, how, taipei(AFTER))


def test_a_digest_without_a_schedule_has_no_agenda_and_a_broken_file_is_told(world: World) -> None:
    assert find_agenda(App(world.settings), "monthly", ISSUE, taipei(BEFORE)) is None
    world.schedule("when = [")
    with pytest.raises(ConfigError):
        find_agenda(App(world.settings), "weekly", ISSUE, taipei(BEFORE))


def test_a_pause_keeps_a_draft_from_leaving(world: World) -> None:
    world.tick(DRAFTED)
    world.schedule(f"{WEEKLY}paused = true\n")
    found = seen(world, DRAFTED)
    assert found.paused
    assert found.leaves is None
