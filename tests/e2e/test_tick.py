"""Ticks as timers wake them: several at once, killed midway, by the real command."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.accounts import SECRETS
from tests.accounts import World as Network
from tests.command import digest
from tests.dying import start
from tests.shared import REPOSITORY
from tests.ticking import World, taipei
from tests.x_server import XServer


def world_of_today(folder: Path, **lines: str) -> World:
    """Return a world whose schedule was due some minutes ago, on the real clock."""
    world = World(folder=folder, language="en")
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
    world = World(folder=tmp_path, language="en")
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
    (line,) = digest("tick", cwd=tmp_path).out.splitlines()
    assert line.startswith("sent")
    assert line.endswith("to 3 readers")
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


@pytest.fixture
def x_world(
    tmp_path: Path, open_world: Callable[[str], Network], monkeypatch: pytest.MonkeyPatch
) -> tuple[World, Network]:
    """A world whose schedule mails and posts to X, an X of our own."""
    net, world = open_world("x"), World(folder=tmp_path, language="en")
    for key, value in SECRETS["x"].items():
        monkeypatch.setenv(f"DIGEST_X_{key.upper()}", value)
    with (tmp_path / "digest.toml").open("a") as file:
        file.write(f'\n[networks.x]\napi = "{net.proxy.url}"\n')
    world.schedule('when = "Mon 08:00"\nunapproved = "send"\ntargets = ["email", "social"]\n')
    world.subscribe()
    for day in range(9, 16):
        world.post(f"p{day:02}", taipei(f"2026-02-{day:02} 12:00"))
    return world, net


def test_email_and_thread_leave_once(x_world: tuple[World, Network], x_server: XServer) -> None:
    world, _ = x_world
    told = [step.receipt for step in world.tick("2026-02-16 08:00")]
    parts = [one for one in told if one.target == "x"]
    assert [one.part for one in parts] == list(range(1, len(parts) + 1))
    assert {one.status for one in told} == {"sent"}
    assert len(x_server.state.posts) == len(parts)
    assert world.tick("2026-02-16 08:15") == []
    assert len(x_server.state.posts) == len(parts)
    assert world.readers_got() == [1, 1, 1]


def test_a_network_that_is_away_is_tried_again_and_stops_no_email(
    x_world: tuple[World, Network], x_server: XServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = x_world
    monkeypatch.delenv("DIGEST_X_API_KEY")
    world.tick("2026-02-16 08:00")
    assert world.readers_got() == [1, 1, 1]
    assert world.states() == [("02-16", "approved")]
    assert any("DIGEST_X_API_KEY not set" in said for said in world.warnings)
    world.tick("2026-02-16 08:15")
    assert world.subjects("editor@example.org") == [
        "[digest] weekly: is in trouble; the next tick tries again"
    ]
    monkeypatch.setenv("DIGEST_X_API_KEY", SECRETS["x"]["api_key"])
    world.tick("2026-02-16 08:30")
    assert world.states() == [("02-16", "sent")]
    assert x_server.state.posts
    assert world.readers_got() == [1, 1, 1]


def test_a_network_that_stays_away_is_given_up_and_told(
    x_world: tuple[World, Network], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, _ = x_world
    monkeypatch.delenv("DIGEST_X_API_KEY")
    for at in ("2026-02-16 08:00", "2026-02-17 08:00", "2026-02-17 21:00", "2026-02-17 22:00"):
        world.tick(at)
    assert world.states() == [("02-16", "sent")]
    assert world.runs()[0].reason.startswith("x: given up after 36 h: 1 put off: ")
    assert [one.split(": ")[1] for one in world.subjects("editor@example.org")] == [
        "is in trouble; the next tick tries again",
        "is out, but not everywhere",
    ]


def test_a_newcomer_is_told_what_to_do(tmp_path: Path) -> None:
    assert "there is no digest.toml" in digest("tick", cwd=tmp_path, status=2).complaint
    world = World(folder=tmp_path, language="en")
    assert "digest schedule add weekly" in digest("tick", cwd=tmp_path, status=3).complaint
    assert (
        "digest schedule add weekly" in digest("schedule", "list", cwd=tmp_path, status=3).complaint
    )
    digest("schedule", "add", "weekly", cwd=tmp_path)
    assert "weekly-20" in digest("schedule", "next", cwd=tmp_path).out
    assert "Mon 08:00" in digest("schedule", "list", cwd=tmp_path).out
    digest("schedule", "pause", cwd=tmp_path)
    assert "PAUSED" in digest("schedule", "list", cwd=tmp_path).out
    digest("schedule", "resume", cwd=tmp_path)
    day = digest("schedule", "next", "--json", "--count", "1", cwd=tmp_path).json()["occurrence"][
        :10
    ]
    digest("schedule", "skip", "weekly", day, cwd=tmp_path)
    assert "SKIPPED" in digest("schedule", "next", cwd=tmp_path).out
    assert "left out" in digest("schedule", "explain", "weekly", day, cwd=tmp_path).out
    digest("schedule", "skip", "weekly", day, "--undo", cwd=tmp_path)
    world.schedule("when = 8", "broken")
    assert "broken.toml: when" in digest("schedule", "list", cwd=tmp_path, status=2).err
    assert "broken.toml: when" in digest("tick", cwd=tmp_path, status=2).complaint
