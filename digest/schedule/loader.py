"""The user's ``schedules/`` -> schedules; an error names file, key, cause and remedy.

One file of ``schedules/`` -> a ``Schedule``; an error names file, key, cause and remedy.

The user's own ``schedules/`` beside digest.toml: what runs, and what is wrong with the rest.

How people write times: ``when = "Mon 08:00"`` -> cron, ``max_late = "36h"`` -> a timedelta.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise, takewhile
from pathlib import Path

import msgspec

from digest.config import plugins, validation
from digest.model import Digest
from digest.model.errors import ConfigError, DigestError
from digest.schedule.rules import CatchUp, Notify, Schedule, Unapproved, Window, list_upcoming
from digest.text.localization import load_catalogue
from digest.text.notation import parse_toml

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
EXAMPLES = '"Mon 08:00", "Mon,Thu 08:00", "weekdays 07:30", "daily 07:30", "1st 09:00"'
_FULL = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
_NTH = re.compile(r"(\d{1,2})(st|nd|rd|th)")
_PART = re.compile(r"(\d+)(w|d|h|m)")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_LONGEST_MONTH = 31


def parse_when(when: str) -> str:
    """Return the cron expression (five fields) that *when* stands for; ValueError says why not.

    Days, then the time of day: weekdays and ranges of them ("Mon,Thu", "Mon-Fri", "weekdays"),
    "daily", days of the month ("1st", "1st,15th", "last"), or a weekday of the month ("1st Mon").
    """
    *days, clock = when.replace(", ", ",").split() or [""]
    found = _CLOCK.fullmatch(clock) if days else None
    if not found:
        raise ValueError("is no day and time")
    hour, minute = int(found[1]), int(found[2])
    if hour > 23 or minute > 59:
        raise ValueError(f"{clock} is no time of day")
    return f"{minute} {hour} {_parse_days([day.lower() for day in days])}"


def _parse_days(words: list[str]) -> str:
    """Return the last three fields: day of the month, month, day of the week."""
    match words:
        case ["daily"] | ["every", "day"]:
            return "* * *"
        case ["weekdays"]:
            return "* * 1-5"
        case [nth, day] if _NTH.fullmatch(nth) or nth == "last":
            return (
                f"* * {_parse_weekday(day)}{'L' if nth == 'last' else f'#{_parse_number(nth, 5)}'}"
            )
        case [several] if several[0].isdigit() or several == "last":
            return f"{','.join(_parse_monthday(one) for one in several.split(','))} * *"
        case [several]:
            return f"* * {','.join(_parse_range(one) for one in several.split(','))}"
    raise ValueError(f"{' '.join(words)!r} names no days")


def _parse_monthday(word: str) -> str:
    return "L" if word == "last" else str(_parse_number(word, _LONGEST_MONTH))


def _parse_number(word: str, most: int) -> int:
    found = _NTH.fullmatch(word)
    if not found or not 1 <= int(found[1]) <= most:
        raise ValueError(f"{word!r} is no day of a month" if most > 5 else f"no month has {word}")
    return int(found[1])


def _parse_range(word: str) -> str:
    return "-".join(str(_parse_weekday(day)) for day in word.split("-", 1))


def _parse_weekday(word: str) -> int:
    names = (*DAYS, *_FULL)
    if word not in names:
        raise ValueError(f"{word!r} is no day of the week")
    return names.index(word) % len(DAYS)


def parse_duration(text: str) -> timedelta:
    """Return the time that *text* stands for: "36h", "90m", "2d", "1w", "1d12h", "0"."""
    parts = _PART.findall(text.replace(" ", ""))
    if text.strip() == "0":
        return timedelta()
    if not parts or "".join(n + unit for n, unit in parts) != text.replace(" ", ""):
        raise ValueError("is no time span")
    try:
        return sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in parts), timedelta())
    except OverflowError:
        raise ValueError("is longer than anybody waits") from None


EMAIL, SOCIAL = "email", "social"
# Up to 0.1 this word stood for all networks. Refused where it cannot mean the network alone in
# 0.2 and 0.3: two versions in which whoever wrote it reads the remedy.
_MEANT_ALL = "threads"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FIELDS = 5
_LATE, _ALL = "36h", "all"
_MONTHS = "Choose a day that the month has; L is the last of it."
_SOONEST = timedelta(minutes=30)
_YEAR, _MANY = timedelta(days=366), 400
_CRON = 'Five fields: minute, hour, day of the month, month, day of the week, as in "0 8 * * 1".'


class _Notify(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[notify]``: where the editor hears of a run that did not go as planned."""

    email: str = ""
    webhook: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of ``schedules/``, as it is written."""

    digest: str = "weekly"
    when: str | tuple[str, ...] = ()
    cron: str | tuple[str, ...] = ()
    timezone: str = ""
    window: Window = "since-last-sent"
    catch_up: CatchUp = "latest"
    max_late: str = ""
    lead: str = "0"
    minimum: int = 1
    unapproved: Unapproved = "hold"
    review: bool | None = None
    targets: tuple[str, ...] = (EMAIL,)
    notify: _Notify = msgspec.field(default_factory=_Notify)
    paused: bool = False
    skip: tuple[str, ...] = ()


def read_schedule(path: Path, digests: "ScheduleFolder") -> Schedule:
    """Return the schedule in the file *path*; ConfigError names file, key, cause and remedy."""
    if not _NAME.fullmatch(path.stem):
        remedy = "Name it with small letters, digits, - and _ only: weekly.toml"
        raise ConfigError(str(path), "its name cannot be that of a schedule", remedy)
    try:
        tree = parse_toml(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"cannot be read: {error}") from None
    except ValueError as error:
        remedy = "Mend that line; strings stand in quotation marks, tables in [brackets]."
        raise ConfigError(str(path), f"is not valid TOML: {error}", remedy) from None
    written = validation.convert_table(tree, _File, lambda key: f"{path}: {key}", strict=True)
    return _build_schedule(written, path, digests)


def _build_schedule(file: _File, path: Path, digests: "ScheduleFolder") -> Schedule:
    where = str(path)
    zone = _find_zone(file, where, digests)
    max_late = file.max_late or ("" if file.catch_up == _ALL else _LATE)
    made = Schedule(
        name=path.stem,
        digest=file.digest,
        crons=tuple(_list_crons(file, where)),
        when=_as_tuple(file.when),
        timezone=zone,
        language=digests.find_edition(file.digest).language,
        window=file.window,
        catch_up=file.catch_up,
        max_late=_parse_patience(max_late, f"{where}: max_late") if max_late else None,
        lead=_parse_span(file.lead, f"{where}: lead"),
        least=max(file.minimum, 1),
        unapproved=file.unapproved,
        review=file.unapproved == "hold" if file.review is None else file.review,
        targets=_find_targets(file, where, digests.networks),
        notify=_read_notify(file.notify, where),
        paused=file.paused,
        skip=tuple(_parse_day(day, f"{where}: skip") for day in file.skip),
        file=where,
    )
    _check_fires(made)
    _check_lead(made)
    return made


def _find_zone(file: _File, where: str, digests: "ScheduleFolder") -> str:
    """Return the zone of *file*, else of its digest; ConfigError where either does not exist."""
    try:
        edition = digests.find_edition(file.digest)
    except ConfigError as error:
        remedy = f"Write [digests.{file.digest}] into {digests.file}. {error.remedy}"
        raise ConfigError(
            f"{where}: digest", f"{file.digest!r} is not configured", remedy
        ) from None
    zone = file.timezone or edition.timezone or "UTC"
    validation.check_zone(where, "timezone", zone)
    return zone


def _list_crons(file: _File, where: str) -> Iterator[str]:
    if bool(file.when) == bool(file.cron):
        cause = "when and cron are both given" if file.when else "it says neither when nor cron"
        raise ConfigError(where, cause, f"Write one: when = {EXAMPLES.split(', ', maxsplit=1)[0]}")
    for words in _as_tuple(file.when):
        try:
            yield parse_when(words)
        except ValueError as error:
            raise ConfigError(
                f"{where}: when", f"{words!r}: {error}", f"Write {EXAMPLES}."
            ) from None
    yield from _as_tuple(file.cron)


def _as_tuple(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _check_fires(schedule: Schedule) -> None:
    """Raise ConfigError where a cron expression is none, or never fires."""
    from cronsim import CronSim, CronSimError

    key = "when" if schedule.when else "cron"
    for cron in schedule.crons:
        where = f"{schedule.file}: {key}"
        if len(cron.split()) != _FIELDS:
            raise ConfigError(where, f"{cron!r} has {len(cron.split())} fields", _CRON)
        try:
            next(CronSim(cron, datetime(2024, 1, 1, tzinfo=UTC)))
        except CronSimError as error:
            said = str(error).lower()
            remedy = _MONTHS if "day-of-month" in said else _CRON
            raise ConfigError(where, f"{cron!r}: {said}", remedy) from None
        except StopIteration:
            raise ConfigError(where, f"{cron!r} never comes", "Choose a date there is.") from None
    if not tuple(islice(list_upcoming(schedule, datetime(2024, 1, 1, tzinfo=UTC)), 1)):
        raise ConfigError(f"{schedule.file}: {key}", "it never comes", "Choose a date there is.")


def _check_lead(schedule: Schedule) -> None:
    """Raise ConfigError where a draft could not be read before it leaves, or the next is made."""
    if schedule.review and schedule.unapproved != "hold" and not schedule.lead:
        cause = "nobody could look at a draft that leaves at once"
        raise ConfigError(f"{schedule.file}: review", cause, 'Give it time: lead = "12h".')
    start = datetime(2026, 1, 1, tzinfo=UTC)
    slots = [
        slot.at
        for slot in takewhile(lambda one: one.at < start + _YEAR, list_upcoming(schedule, start))
    ]
    shortest = min((later - earlier for earlier, later in pairwise(slots)), default=_YEAR)
    if schedule.lead > shortest:
        between = load_catalogue("en").lasting(shortest)
        cause = f"it is longer than the time between two runs, {between}"
        raise ConfigError(f"{schedule.file}: lead", cause, "Give a shorter one.")


def _find_targets(file: _File, where: str, configured: Sequence[str]) -> tuple[str, ...]:
    """Return the targets, "social" spelled out as every network that is set up and takes posts."""
    key = f"{where}: targets"
    known = (EMAIL, SOCIAL, *plugins.list_adapters("networks"))
    chosen: list[str] = []
    for target in file.targets:
        if target not in known:
            remedy = validation.find_nearest(target, known, "There is")
            raise ConfigError(key, f"{target!r} is no target", remedy)
        if target in (EMAIL, SOCIAL):
            chosen += [EMAIL] if target == EMAIL else _find_networks(configured, key)
            continue
        _check_posting(target, configured, key)
        chosen.append(target)
    if not chosen:
        remedy = 'Write targets = ["email"], or the networks to post to.'
        raise ConfigError(key, "it names none", remedy)
    return tuple(dict.fromkeys(chosen))


def _check_posting(network: str, configured: Sequence[str], key: str) -> None:
    """Raise ConfigError where a program cannot post to *network*.

    The word that stood for all networks before is refused as well where the network of that name
    is not set up: so no schedule changes its meaning in silence.
    """
    remedy = f"Copy them from: digest threads --network {network}"
    if network == _MEANT_ALL:
        remedy = f'For every network that is set up write "{SOCIAL}". {remedy}'
    if not _is_postable(network):
        cause = f"{network!r} takes posts from a person only"
    elif network == _MEANT_ALL and network not in configured:
        cause = f"{network!r} is the network of that name, which is not set up"
    else:
        return
    if network == _MEANT_ALL:
        cause += "; it does not stand for all networks any more"
    raise ConfigError(key, cause, remedy)


def _find_networks(configured: Sequence[str], key: str) -> list[str]:
    posting = [
        name
        for name in sorted(configured)
        if name in plugins.list_adapters("networks") and _is_postable(name)
    ]
    if not posting:
        remedy = "Write [networks.bluesky] into digest.toml; then: digest login bluesky"
        raise ConfigError(key, f'"{SOCIAL}" finds no network set up', remedy)
    return posting


def _is_postable(network: str) -> bool:
    """Tell whether *network* takes posts from a program."""
    return hasattr(plugins.load_adapter("networks", network), "account")


def _read_notify(written: _Notify, where: str) -> Notify:
    validation.check_mailbox(where, "notify.email", written.email)
    validation.check_web_address(where, "notify.webhook", written.webhook)
    return Notify(email=written.email, webhook=written.webhook)


def _parse_patience(text: str, where: str) -> timedelta:
    span = _parse_span(text, where)
    if span < _SOONEST:
        cause = f"{text!r} is sooner than a timer wakes a tick"
        raise ConfigError(where, cause, 'Write at least "30m".')
    return span


def _parse_span(text: str, where: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ConfigError(where, f"{text!r} {error}", 'Write "36h", "90m", "2d" or "1w".') from None


def _parse_day(text: str, where: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigError(where, f"{text!r} is no date", "Write it like 2026-02-16.") from None


FOLDER = "schedules"
_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The schedules that can run, and what is wrong with the others."""

    schedules: tuple[Schedule, ...] = ()
    errors: tuple[ConfigError, ...] = ()


def shipped_folder() -> Path:
    """Return the folder of digest's own schedules: in the wheel, else in a checkout."""
    inside = _PACKAGE / FOLDER
    return inside if inside.is_dir() else _PACKAGE.parent / FOLDER


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFolder:
    """The user's own ``schedules/`` beside ``file``, their digest.toml, "" where there is none.

    ``find_edition`` returns a digest by its name, ConfigError where there is none; ``networks``
    names those that are set up.
    """

    file: str
    folder: Path
    find_edition: Callable[[str], Digest]
    networks: tuple[str, ...] = ()

    @property
    def own(self) -> Path:
        """Return the user's folder of schedules; ConfigError where there is no digest.toml."""
        if not self.file:
            remedy = "Write one with: digest init URL"
            raise ConfigError(
                "schedules", "there is no digest.toml that they could stand beside", remedy
            )
        return self.folder / FOLDER

    def load(self) -> Loaded:
        """Return the schedules in the user's own folder by name; those that ship never run."""
        folder = self.own
        if not folder.is_dir() or folder.resolve() == shipped_folder().resolve():
            return Loaded()
        found: dict[str, Schedule] = {}
        errors: list[ConfigError] = []
        for path in sorted(folder.glob("*.toml")):
            try:
                made = read_schedule(path, self)
                _refuse_double(made, found)
                found[made.digest] = made
            except ConfigError as error:
                errors.append(error)
        return Loaded(schedules=tuple(found.values()), errors=tuple(errors))

    def find(self, name: str) -> Schedule:
        """Return the schedule *name*, the only one where it is ""; ConfigError if there is none."""
        loaded = self.load()
        if loaded.errors and not any(name == one.name for one in loaded.schedules):
            raise loaded.errors[0]
        known = {one.name: one for one in loaded.schedules}
        if not name and len(known) == 1:
            return next(iter(known.values()))
        if name in known:
            return known[name]
        if not known:
            remedy = "Copy a shipped one with: digest schedule add weekly"
            raise ConfigError(str(self.own), "there is no schedule", remedy)
        cause = f"there is no schedule {name!r}" if name else "there are several"
        raise ConfigError("schedule", cause, f"Name one of: {', '.join(known)}.")

    def add(self, name: str) -> Path:
        """Copy the shipped schedule *name* to the user's own folder and return where it is.

        ConfigError where there is none of that name, or the user has one already.
        """
        known = sorted(path.stem for path in shipped_folder().glob("*.toml"))
        if name not in known:
            cause = f"ships with no schedule {name!r}" if name else "needs a name"
            raise ConfigError("schedule add", cause, f"Name one of: {', '.join(known)}.")
        path = self.own / f"{name}.toml"
        if path.exists():
            raise ConfigError(str(path), "is there already", "Change it, or move it away.")
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text((shipped_folder() / path.name).read_text("utf-8"), "utf-8")
        except OSError as error:
            raise DigestError(str(path), f"cannot be written: {error.strerror}") from None
        return path


def _refuse_double(made: Schedule, found: dict[str, Schedule]) -> None:
    if made.digest in found:
        cause = f"{found[made.digest].file} makes the issues of {made.digest!r} already"
        remedy = 'Give one of them a digest of its own, or one file several times: when = ["..."].'
        raise ConfigError(f"{made.file}: digest", cause, remedy)
