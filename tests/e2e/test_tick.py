"""Ticks as timers wake them: several at once, killed midway, by the real command."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.command import digest
from tests.dying import start
from tests.shared import REPOSITORY
from tests.ticking import World, taipei


def world_of_today(folder: Path, **lines: str) -> World:
    """Return a world whose schedule was due some minutes ago, on the real clock."""
    world = World(folder=folder)
    due = datetime.now(UTC) - timedelta(minutes=3)
    more = "".join(f"{key} = {value}\n" for key, value in lines.items())
    world.schedule(
        f'cron = "{due.minute} {due.hour} * * *"\ntimezone = "UTC"\nunapproved = "send"\n{more}'
    )
    world.subscribe()
    for n in range(5):
        world.post(f"p{n}", due - timedelta(hours=n + 1))
    return world


def test_eight_ticks_at_once_make_one_issue(tmp_path: Path) -> None:
    world = world_of_today(tmp_path)
    command = [sys.executable, "-m", "digest", "tick", "--json"]
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    started = [
        subprocess.Popen(
            command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(8)
    ]
    done = [(one.communicate(timeout=120), one.returncode) for one in started]
    assert sorted(status for _, status in done) == [0] + [3] * 7, [err for (_, err), _ in done]
    assert len(world.issues.all_approved("weekly")) == 1
    assert [one.state for one in world.runs()] == ["sent"]
    assert world.readers_got() == [1, 1, 1]
    lines = [json.loads(line) for (out, _), _ in done for line in out.splitlines()]
    assert [line["status"] for line in lines] == ["sent"] * 3
    assert {line["issue"] for line in lines} == {world.runs()[0].issue}


@pytest.mark.parametrize("moment", range(1, 20))
def test_killed_at_any_commit_it_goes_on_and_nobody_gets_two(tmp_path: Path, moment: int) -> None:
    world = World(folder=tmp_path)
    world.schedule()
    world.subscribe()
    for day in range(9, 16):
        world.post(f"p{day:02}", taipei(f"2026-02-{day:02} 12:00"))
    process = start(tmp_path, taipei("2026-02-16 08:00"), moment)
    process.join(60)
    assert process.exitcode in (-signal.SIGKILL, 0)
    world.tick("2026-02-16 08:15")
    assert world.states() == [("02-16", "sent")]
    got, unknown = world.readers_got(), world.unknown("weekly-2026-02-16")
    assert set(got) == {1}
    assert len(got) >= 3 - unknown
    assert any("may or may not be out" in said for said in world.warnings) == bool(unknown)
    assert world.told() == [[f"p{day:02}" for day in range(9, 16)]]
    assert world.tick("2026-02-16 08:30") == []
    assert process.exitcode == -signal.SIGKILL or moment > 16, "a moment that never comes"


def test_the_commands_say_what_is_due_what_was_done_and_why(tmp_path: Path) -> None:
    world = world_of_today(tmp_path)
    foreseen = digest("tick", "--dry-run", "--json", cwd=tmp_path)
    assert [json.loads(line)["would"] for line in foreseen.out.splitlines()] == ["run"]
    assert world.runs() == []
    assert len(digest("tick", cwd=tmp_path).out.splitlines()) == 3
    assert digest("tick", cwd=tmp_path, status=3).complaint.startswith("tick: nothing is due")
    assert digest("tick", "--dry-run", cwd=tmp_path, status=3).out == ""
    (row,) = [
        json.loads(line)
        for line in digest("schedule", "list", "--json", cwd=tmp_path).out.splitlines()
    ]
    assert row["last"]["state"] == "sent"
    (told,) = [
        json.loads(line)
        for line in digest("schedule", "explain", "--json", cwd=tmp_path).out.splitlines()
    ]
    assert told["targets"] == {"email": {"state": "done", "reason": "3 sent"}}
    assert [line["text"].split()[0] for line in told["log"]][:2] == ["taken", "drafted"]
    assert "sent" in digest("schedule", "explain", "weekly", cwd=tmp_path).out
