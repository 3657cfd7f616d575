"""The user's own ``schedules/`` beside digest.toml: what runs, and what is wrong with the rest."""

from dataclasses import dataclass
from pathlib import Path

from digest.config import Settings
from digest.errors import ConfigError, DigestError
from digest.schedule import Schedule
from digest.schedule.file import read

FOLDER = "schedules"
_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The schedules that can run, and what is wrong with the others."""

    schedules: tuple[Schedule, ...] = ()
    errors: tuple[ConfigError, ...] = ()


def shipped() -> Path:
    """Return the folder of digest's own schedules: in the wheel, else in a checkout."""
    inside = _PACKAGE / FOLDER
    return inside if inside.is_dir() else _PACKAGE.parent / FOLDER


def own(settings: Settings) -> Path:
    """Return the user's folder of schedules; ConfigError where there is no digest.toml."""
    if not settings.file:
        remedy = "Write one with: digest init URL"
        raise ConfigError(
            "schedules", "there is no digest.toml that they could stand beside", remedy
        )
    return settings.folder / FOLDER


def load(settings: Settings) -> Loaded:
    """Return the schedules in the user's own folder by name; those that ship never run."""
    folder = own(settings)
    if not folder.is_dir() or folder.resolve() == shipped().resolve():
        return Loaded()
    found: dict[str, Schedule] = {}
    errors: list[ConfigError] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            made = read(path, settings)
            _refuse_double(made, found)
            found[made.digest] = made
        except ConfigError as error:
            errors.append(error)
    return Loaded(schedules=tuple(found.values()), errors=tuple(errors))


def _refuse_double(made: Schedule, found: dict[str, Schedule]) -> None:
    if made.digest in found:
        cause = f"{found[made.digest].file} makes the issues of {made.digest!r} already"
        remedy = 'Give one of them a digest of its own, or one file several times: when = ["..."].'
        raise ConfigError(f"{made.file}: digest", cause, remedy)


def named(settings: Settings, name: str) -> Schedule:
    """Return the schedule *name*, the only one where it is empty; ConfigError if there is none."""
    loaded = load(settings)
    if loaded.errors and not any(name == one.name for one in loaded.schedules):
        raise loaded.errors[0]
    known = {one.name: one for one in loaded.schedules}
    if not name and len(known) == 1:
        return next(iter(known.values()))
    if name in known:
        return known[name]
    if not known:
        remedy = "Copy a shipped one with: digest schedule add weekly"
        raise ConfigError(str(own(settings)), "there is no schedule", remedy)
    cause = f"there is no schedule {name!r}" if name else "there are several"
    raise ConfigError("schedule", cause, f"Name one of: {', '.join(known)}.")


def add(settings: Settings, name: str) -> Path:
    """Copy the shipped schedule *name* to the user's own folder and return where it is.

    ConfigError where there is none of that name, or the user has one already.
    """
    known = sorted(path.stem for path in shipped().glob("*.toml"))
    if name not in known:
        cause = f"ships with no schedule {name!r}" if name else "needs a name"
        raise ConfigError("schedule add", cause, f"Name one of: {', '.join(known)}.")
    path = own(settings) / f"{name}.toml"
    if path.exists():
        raise ConfigError(str(path), "is there already", "Change it, or move it away.")
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_text((shipped() / path.name).read_text("utf-8"), "utf-8")
    except OSError as error:
        raise DigestError(str(path), f"cannot be written: {error.strerror}") from None
    return path
