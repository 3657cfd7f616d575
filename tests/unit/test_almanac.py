"""What a person is told of a schedule: when it runs, what it tells, why it did not."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digest.app.composition import App
from digest.model.errors import ConfigError
from digest.schedule import runner
from digest.schedule.explain import (
    ScheduleFacts,
    describe_schedule,
    explain_day,
    forecast_runs,
    list_history,
)
from tests.ticking import WEEKLY, World, taipei


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(folder=tmp_path, language="en")
    world.schedule()
    world.subscribe()
    for day in range(1, 29):
        world.post(f"p{day:02}", taipei(f"2026-02-{day:02} 12:00"))
    return world


def facts(world: World, at: str, **wanted: Any) -> ScheduleFacts:
    return ScheduleFacts.of(world.of(), world.occurrences, taipei(at), **wanted)


def why(world: World, at: str, day: str) -> tuple[str, str]:
    """Return state and reason of the runs of *day*, as told at *at*."""
    known = facts(world, at, day=day)
    (row,) = explain_day(known, date.fromisoformat(day))
    return row["state"], row["reason"]


def test_before_the_first_tick_the_future_is_told(world: World) -> None:
    first, second = forecast_runs(facts(world, "2026-02-14 12:00"), 2)
    assert first["at"] == "2026-02-16T08:00:00+08:00"
    assert first["utc"] == "2026-02-16T00:00:00+00:00"
    assert first["issue"] == "weekly-2026-02-16"
    assert first["window"] == {
        "start": "2026-02-09T08:00:00+08:00",
        "end": "2026-02-16T08:00:00+08:00",
    }
    assert second["window"]["start"] == first["window"]["end"]
    row = describe_schedule(facts(world, "2026-02-14 12:00"))
    assert (row["next"], row["last"], row["ticked"]) == (first["at"], None, None)


def test_the_forecast_is_what_then_happens(world: World) -> None:
    world.tick("2026-02-02 08:00")
    world.occurrences.remember(
        world.occurrences.rhythm("weekly"),
        lambda one: type(one)(digest=one.digest, since=one.since, floor=one.floor,
                              ticked=one.ticked, skips=("2026-02-16",)),
    )  # fmt: skip
    told = list(forecast_runs(facts(world, "2026-02-03 12:00"), 3))
    for row in told:
        world.tick(row["at"][:16].replace("T", " "))
    assert [row["runs"] for row in told] == [True, False, True]
    made = [one for one in world.runs()[1:] if one.state == "sent"]
    assert [one.issue for one in made] == [row["issue"] for row in told if row["runs"]]
    assert [one.start.isoformat() for one in made] == [
        taipei(row["window"]["start"][:16].replace("T", " ")).isoformat()
        for row in told
        if row["runs"]
    ]


def test_every_day_has_its_reason(world: World) -> None:
    at = "2026-02-26 12:00"
    assert why(world, at, "2026-02-16")[1].startswith("no tick has seen this schedule yet")
    world.tick("2026-02-14 12:00")
    assert why(world, at, "2026-02-09") == (
        "none",
        "the schedule is known since Sat 2026-02-14 11:00; what was before does not count",
    )
    world.tick("2026-02-16 08:00")
    assert why(world, at, "2026-02-16") == ("sent", "done: email: 3 sent")
    state, reason = why(world, at, "2026-02-18")
    assert state == "none"
    assert reason == (
        "it does not run on that day (Mon 08:00, Asia/Taipei);"
        " around it: Mon 2026-02-16 08:00, Mon 2026-02-23 08:00"
    )
    state, reason = why(world, at, "2026-02-23")
    assert state == "due"
    assert reason == "due, and no tick has run since; last one: Mon 2026-02-16 08:00, 10 days ago"
    world.tick("2026-02-26 12:00")
    state, reason = why(world, at, "2026-02-23")
    assert state == "skipped"
    assert reason == "missed: a tick came 3 days after its time, and max_late is 36 h"
    assert why(world, at, "2026-03-02") == ("coming", "to come in 3 days")


def test_a_day_that_is_left_out_says_so_before_and_after(world: World) -> None:
    world.tick("2026-02-14 12:00")
    runner.leave_out_day(
        App(world.settings).occurrences, world.of(), date(2026, 2, 16), taipei("2026-02-14 13:00")
    )
    state, reason = why(world, "2026-02-15 08:00", "2026-02-16")
    assert (state, reason) == (
        "coming",
        "to come in 24 h; will be skipped: 2026-02-16 is left out, as you asked",
    )
    world.tick("2026-02-16 08:00")
    assert why(world, "2026-02-16 09:00", "2026-02-16")[0] == "skipped"
    world.tick("2026-02-23 08:00")
    assert world.told() == [[f"p{day:02}" for day in range(9, 23)]], "its posts wait"


def test_leaving_out_can_be_undone_and_is_checked(world: World) -> None:
    now, day = taipei("2026-02-14 13:00"), date(2026, 2, 16)
    runner.leave_out_day(App(world.settings).occurrences, world.of(), day, now)
    runner.leave_out_day(App(world.settings).occurrences, world.of(), day, now, undo=True)
    world.tick("2026-02-16 08:00")
    assert world.states() == [("02-16", "sent")]
    with pytest.raises(ConfigError, match=r"it does not run on that day\. Next: Mon 2026-02-16"):
        runner.leave_out_day(App(world.settings).occurrences, world.of(), date(2026, 2, 17), now)
    with pytest.raises(ConfigError, match="is over"):
        runner.leave_out_day(
            App(world.settings).occurrences, world.of(), day, taipei("2026-02-17 13:00")
        )


@pytest.mark.parametrize("ticks", [True, False])
def test_a_pause_skips_what_falls_into_it_and_its_posts_wait(world: World, ticks: bool) -> None:
    world.tick("2026-02-02 08:00")
    runner.pause_schedule(App(world.settings).occurrences, world.of(), taipei("2026-02-05 12:00"))
    if ticks:
        world.tick("2026-02-09 08:00")
        world.tick("2026-02-16 08:00")
    assert (
        describe_schedule(facts(world, "2026-02-16 09:00"))["paused"]
        == "since Thu 2026-02-05 12:00"
    )
    runner.resume_schedule(App(world.settings).occurrences, world.of(), taipei("2026-02-17 12:00"))
    world.tick("2026-02-17 12:15")
    world.tick("2026-02-23 08:00")
    assert [state for _, state in world.states()] == ["sent", "skipped", "skipped", "sent"]
    assert world.told()[1] == [f"p{day:02}" for day in range(2, 23)]
    assert "paused" in world.runs()[1].reason
    runner.resume_schedule(App(world.settings).occurrences, world.of(), taipei("2026-02-24 12:00"))


def test_a_pause_in_the_file_counts_too(world: World) -> None:
    world.schedule(WEEKLY + "paused = true\n")
    world.tick("2026-02-16 08:00")
    assert world.states() == [("02-16", "skipped")]
    assert "weekly.toml" in str(describe_schedule(facts(world, "2026-02-16 09:00"))["paused"])


def test_the_history_tells_every_step(world: World) -> None:
    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\n')
    world.tick("2026-02-16 08:05")
    (row,) = list_history(facts(world, "2026-02-16 09:00"))
    assert [entry["text"].split(":")[0] for entry in row["log"]] == [
        "taken up 5 min late",
        "drafted weekly-2026-02-16 revision 1",
        "review mail of revision 1 sent",
        "waits for approval",
    ]
    assert {entry["at"] for entry in row["log"]} == {"2026-02-16T08:05:00+08:00"}
    world.tick("2026-02-16 08:20")
    due, _ = list_history(facts(world, "2026-02-23 09:00"))
    assert (due["occurrence"], due["state"]) == ("2026-02-23T08:00", "due")


def test_a_night_that_leaves_the_hour_out_is_explained(tmp_path: Path) -> None:
    world = World(folder=tmp_path, language="en")
    world.schedule('when = "daily 02:30"\ntimezone = "America/New_York"\n')
    rows = list(forecast_runs(facts(world, "2026-03-07 20:00"), 3))
    assert [row["at"] for row in rows] == [
        "2026-03-08T03:00:00-04:00",
        "2026-03-09T02:30:00-04:00",
        "2026-03-10T02:30:00-04:00",
    ]
    (row,) = explain_day(facts(world, "2026-03-01 20:00", day="2026-03-08"), date(2026, 3, 8))
    assert row["occurrence"] == "2026-03-08T03:00"


def test_when_an_issue_leaves_by_itself_is_told(world: World) -> None:
    def leaves(issue: str, at: str) -> str | None:
        found = runner.find_issue_departure(
            App(world.settings).schedules,
            App(world.settings).occurrences,
            "weekly",
            issue,
            taipei(at),
        )
        return found and f"{found.astimezone(world.of().zone):%m-%d %H:%M}"

    world.schedule('when = "Mon 08:00"\nunapproved = "hold"\n')
    assert leaves("weekly-2026-02-16", "2026-02-14 12:00") == "02-16 08:00"
    world.tick("2026-02-16 08:00")
    assert leaves("weekly-2026-02-16", "2026-02-16 12:00") == "02-16 08:00", "the next tick"
    assert leaves("weekly-2026-02-23", "2026-02-16 12:00") == "02-23 08:00"
    assert leaves("weekly-2026-W07", "2026-02-16 12:00") is None
    assert (
        runner.find_issue_departure(
            App(world.settings).schedules,
            App(world.settings).occurrences,
            "daily",
            "daily-1",
            taipei("2026-02-16 12:00"),
        )
        is None
    )
