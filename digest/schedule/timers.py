"""The timers that wake ``digest tick``, from ``schedules/units``: what to write, and what to do."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from digest.model.errors import ConfigError, DigestError
from digest.schedule.loader import FOLDER, shipped_folder

_Quote = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """The files of one kind of timer by name, and the steps that put them to work."""

    kind: str
    files: Mapping[str, str]
    steps: tuple[str, ...]


KEY = "DIGEST_AUDIENCE_KEY"  # what signs the links of readers
_STEPS: dict[str, tuple[str, ...]] = {
    "systemd": (
        "Put both files into ~/.config/systemd/user/",
        "systemctl --user daemon-reload && systemctl --user enable --now digest-tick.timer",
        "So that it runs while you are logged out: loginctl enable-linger",
        "Look: systemctl --user list-timers; journalctl --user -u digest-tick",
    ),
    "cron": ("Add the line to what opens with: crontab -e",),
    "launchd": (
        "Put the file into ~/Library/LaunchAgents/",
        "launchctl bootstrap gui/$(id -u) ~/Library/LaunchAgents/org.digest.tick.plist",
    ),
    "windows": (r'schtasks /Create /TN "digest tick" /XML digest-tick.xml',),
    "github": (
        f"Put the file into .github/workflows/ of the repository with digest.toml and {FOLDER}/",
        "Add the secrets that it names: DIGEST_STORE is postgresql+psycopg://...",
        f"{KEY} is what the file holds that this names: digest subscribers keys",
    ),
    "kubernetes": (
        "kubectl create secret generic digest --from-literal=DIGEST__STORE=postgresql+psycopg://...",
        "Add to that secret: @secrets@",
        f"{KEY} is what the file holds that this names: digest subscribers keys",
        "kubectl create configmap digest --from-file=digest.toml",
        f"kubectl create configmap digest-schedules --from-file={FOLDER}/",
        "kubectl apply -f digest-tick.yaml",
    ),
}
KINDS = tuple(_STEPS)
ELSEWHERE = ("github", "kubernetes")  # where nothing of this machine is there


def find_timer_kind() -> str:
    """Return the kind of timer that this machine has."""
    if sys.platform in ("darwin", "win32"):
        return "launchd" if sys.platform == "darwin" else "windows"
    return "systemd" if Path("/run/systemd/system").is_dir() else "cron"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerSetup:
    """What a timer is made for: the configuration ``file``, its zone, and its secrets.

    ``secrets`` maps the environment variable of each secret to the mailer or network it is of.
    """

    file: str
    timezone: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)


def make_timer(kind: str, setup: TimerSetup, program: tuple[str, ...] | None = None) -> Timer:
    """Return the timer of *kind* for this configuration; ConfigError names the kinds there are.

    *program* is how digest is started here: its path, or a Python with ``-m digest``.
    """
    if kind not in KINDS:
        remedy = f"Choose one with --kind: {', '.join(KINDS)}."
        raise ConfigError(f"--kind {kind}".strip(), "is no kind of timer", remedy)
    if not setup.file:
        remedy = "Write one with: digest init URL"
        raise ConfigError("schedule install", "there is no digest.toml for the timer", remedy)
    words = program or find_program()
    folder = shipped_folder() / "units" / kind
    files = {
        path.name: _fill_template(path.read_text("utf-8"), kind, words, setup)
        for path in sorted(folder.iterdir())
    }
    return Timer(kind=kind, files=files, steps=(*_list_steps(kind, setup.secrets),))


def _list_steps(kind: str, secrets: Mapping[str, str]) -> Iterator[str]:
    """Yield what to do; last, what a timer does not see of the shell that it is made in."""
    for step in _STEPS[kind]:
        yield step.replace("@secrets@", ", ".join((*secrets, KEY)))
    here = () if kind in ELSEWHERE else tuple(name for name in secrets if os.environ.get(name))
    if here:
        yield (
            f"{' and '.join(here)}: set in this shell only, which the timer does not see."
            f" Keep it where it does: digest login {secrets[here[0]]}"
        )


def find_program() -> tuple[str, ...]:
    """Return how to start this digest from anywhere."""
    script = Path(sys.argv[0])
    if script.stem == "digest" and script.is_file():
        return (str(script.absolute()),)
    found = shutil.which("digest")
    return (found,) if found else (sys.executable, "-m", "digest")


def _fill_template(text: str, kind: str, words: tuple[str, ...], setup: TimerSetup) -> str:
    file = str(Path(setup.file).absolute())
    quote = _QUOTES[kind]
    strings = "\n".join(f"    <string>{escape(word)}</string>" for word in words)
    values = {
        "command": " ".join(quote(word) for word in words),
        "program": quote(words[0]),
        "more": "".join(f"{quote(word)} " for word in words[1:]),
        "arguments": strings,
        "config": quote(file),
        "file": Path(file).name,
        "folder": quote(str(Path(file).parent)),
        "timezone": setup.timezone or "Etc/UTC",
        "secrets": "\n".join(
            f"          {name}: ${{{{ secrets.{name} }}}}" for name in (KEY, *setup.secrets)
        ),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _quote_systemd(word: str) -> str:
    """Return *word* as systemd.service(5) reads it: % and $ are its own, quotes hold spaces."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if plain != word or " " in word else word


def _quote_cron(word: str) -> str:
    """Return *word* for a crontab: the shell's quoting, and % is a line break of cron's."""
    return shlex.quote(word).replace("%", "\\%")


_QUOTES: dict[str, _Quote] = {
    "systemd": _quote_systemd,
    "cron": _quote_cron,
    "launchd": escape,
    "windows": escape,
    "github": shlex.quote,
    "kubernetes": str,
}


def write_timer(made: Timer, folder: Path) -> None:
    """Write the files of *made* to *folder*; DigestError where that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in made.files.items():
            (folder / name).write_text(body, "utf-8")
    except OSError as error:
        raise DigestError(str(folder), f"cannot be written: {error.strerror}") from None
