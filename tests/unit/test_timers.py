"""Timers: whole files for each system, with this digest and this configuration in them."""

import plistlib
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from digest.app.composition import App
from digest.model.errors import ConfigError, DigestError
from digest.schedule import timers
from digest.schedule.loader import shipped_folder
from tests.command import digest
from tests.ticking import World

NAMES = ["plain", "with space", "100%", "a$b", 'q"u', "<&>", "渡口"]
TASKS = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.fixture(params=NAMES)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    return World(folder=tmp_path / request.param)


def made(world: World, kind: str) -> tuple[str, ...]:
    timer = timers.make_timer(
        kind, App(world.settings).timer_setup, ("/usr/local/my python", "-m", "digest")
    )
    assert timer.steps
    assert not [text for text in timer.files.values() if "@command@" in text or "@config@" in text]
    return tuple(timer.files.values())


def test_every_kind_has_its_templates() -> None:
    assert {path.name for path in (shipped_folder() / "units").iterdir()} == set(timers.KINDS)


def test_cron_starts_it_through_the_shell(world: World) -> None:
    (text,) = made(world, "cron")
    line = text.splitlines()[-1]
    assert line.startswith("*/15 * * * *  ")
    command = line.split(None, 5)[5].replace("\\%", "%")  # cron takes the backslash away
    assert shlex.split(command) == [
        "/usr/local/my python", "-m", "digest", "--quiet", "--config", world.settings.file, "tick",
    ]  # fmt: skip
    assert "%" not in line.replace("\\%", "")


def test_systemd_reads_it(world: World) -> None:
    service, timer = made(world, "systemd")
    assert "SuccessExitStatus=3" in service
    assert "Persistent=true" in timer
    (line,) = [line for line in service.splitlines() if line.startswith("ExecStart=")]
    words = shlex.split(line.removeprefix("ExecStart="))
    assert [word.replace("%%", "%").replace("$$", "$") for word in words] == [
        "/usr/local/my python", "-m", "digest", "--quiet", "--config", world.settings.file, "tick",
    ]  # fmt: skip


def test_launchd_and_windows_read_theirs(world: World) -> None:
    (plist,) = made(world, "launchd")
    read = plistlib.loads(plist.encode())
    assert read["ProgramArguments"][-4:] == ["--quiet", "--config", world.settings.file, "tick"]
    assert read["StartInterval"] == 900
    (task,) = made(world, "windows")
    tree = ET.fromstring(task)
    assert tree.find(f".//{TASKS}Command").text == "/usr/local/my python"
    assert world.settings.file in tree.find(f".//{TASKS}Arguments").text
    assert tree.find(f".//{TASKS}StartWhenAvailable").text == "true"


def test_github_and_kubernetes_read_theirs(tmp_path: Path) -> None:
    world = World(folder=tmp_path)
    (action,) = made(world, "github")
    read = yaml.safe_load(action)
    assert read["jobs"]["tick"]["steps"][-1]["run"] == (
        "digest --config digest.toml tick || [ $? -eq 3 ]"
    )
    (manifest,) = made(world, "kubernetes")
    spec = yaml.safe_load(manifest)["spec"]
    assert spec["concurrencyPolicy"] == "Forbid"
    assert spec["timeZone"] == "Asia/Taipei"
    (container,) = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert "tick" in container["command"][-1]


def test_what_runs_elsewhere_is_given_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(folder=tmp_path)
    text = (tmp_path / "digest.toml").read_text("utf-8")
    text = text.replace("[mail]", '[mail]\nmailer = "smtp"') + "\n[networks.bluesky]\n"
    (tmp_path / "digest.toml").write_text(text, "utf-8")
    needed = {"DIGEST_AUDIENCE_KEY", "DIGEST_SMTP_PASSWORD", "DIGEST_BLUESKY_APP_PASSWORD"}
    env = yaml.safe_load(made(world, "github")[0])["jobs"]["tick"]["steps"][-1]["env"]
    assert set(env) == {*needed, "DIGEST__STORE"}
    assert all(env[name] == f"${{{{ secrets.{name} }}}}" for name in needed)
    steps = " ".join(timers.make_timer("kubernetes", App(world.settings).timer_setup).steps)
    assert all(name in steps for name in needed)
    monkeypatch.setenv("DIGEST_SMTP_PASSWORD", "x")
    *_, last = timers.make_timer("cron", App(world.settings).timer_setup).steps
    assert last.startswith("DIGEST_SMTP_PASSWORD: set in this shell only")
    assert last.endswith("digest login smtp")


def test_no_template_does_more_than_wake_a_tick() -> None:
    for path in (shipped_folder() / "units").rglob("*.*"):
        words = path.read_text("utf-8")
        assert "tick" in words or path.suffix == ".timer"
        assert not {"draft", "send", "post", "approve"} & set(words.replace("\n", " ").split())


def test_systemd_itself_finds_no_fault(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    world = World(folder=tmp_path / "with space 100%")
    timer = timers.make_timer("systemd", App(world.settings).timer_setup, ("/bin/true", "digest"))
    timers.write_timer(timer, tmp_path / "units")
    assert {path.name for path in (tmp_path / "units").iterdir()} == set(timer.files)
    if program:
        done = subprocess.run(
            [program, "verify", str(tmp_path / "units" / "digest-tick.timer")],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert "digest-tick" not in done.stderr, done.stderr


def test_the_command_prints_and_writes_and_installs_nothing(tmp_path: Path) -> None:
    World(folder=tmp_path)
    said = digest("schedule", "install", "--kind", "cron", cwd=tmp_path).out
    assert "*/15 * * * *" in said
    assert "crontab -e" in said
    digest("schedule", "install", "--kind", "systemd", "--write", "units", cwd=tmp_path)
    assert len(list((tmp_path / "units").iterdir())) == 2
    assert (
        digest("schedule", "install", "--json", cwd=tmp_path).json()["kind"]
        == timers.find_timer_kind()
    )
    refused = digest("schedule", "install", "--kind", "x", cwd=tmp_path, status=2).complaint
    assert "Choose one with --kind: systemd, cron, launchd" in refused


def test_there_is_no_timer_without_a_configuration(tmp_path: Path) -> None:
    from digest.config.settings import parse_settings

    with pytest.raises(ConfigError, match=r"no digest\.toml"):
        timers.make_timer("cron", App(parse_settings("", "")).timer_setup)
    with pytest.raises(ConfigError, match="is no kind of timer"):
        timers.make_timer("hourly", App(World(folder=tmp_path).settings).timer_setup)
    (tmp_path / "file").write_text("")
    timer = timers.make_timer("cron", App(World(folder=tmp_path).settings).timer_setup)
    with pytest.raises(DigestError, match="cannot be written"):
        timers.write_timer(timer, tmp_path / "file")
