"""One file of ``schedules/`` -> a ``Schedule``; an error names file, key, cause and remedy."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from itertools import islice, pairwise, takewhile
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec

from digest import plugins
from digest.catalogue import catalogue
from digest.config import Settings
from digest.errors import ConfigError
from digest.schedule import CatchUp, Notify, Schedule, Unapproved, Window, upcoming, when
from digest.text.notation import parse_toml

EMAIL, THREADS = "email", "threads"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FIELDS = 5
_LATE, _ALL = "36h", "all"
_MONTHS = "Choose a day that the month has; L is the last of it."
_MAILBOX = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+>?$")
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


def read(path: Path, settings: Settings) -> Schedule:
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
    try:
        written = msgspec.convert(tree, _File)
    except msgspec.ValidationError as error:
        raise _explained(str(error), str(path)) from None
    return _schedule(written, path, settings)


def _schedule(file: _File, path: Path, settings: Settings) -> Schedule:
    where = str(path)
    zone = _zone(file, where, settings)
    max_late = file.max_late or ("" if file.catch_up == _ALL else _LATE)
    made = Schedule(
        name=path.stem,
        digest=file.digest,
        crons=tuple(_crons(file, where)),
        when=_several(file.when),
        timezone=zone,
        language=settings.edition(file.digest).language,
        window=file.window,
        catch_up=file.catch_up,
        max_late=_patience(max_late, f"{where}: max_late") if max_late else None,
        lead=_span(file.lead, f"{where}: lead"),
        least=max(file.minimum, 1),
        unapproved=file.unapproved,
        review=file.unapproved == "hold" if file.review is None else file.review,
        targets=_targets(file, where, settings),
        notify=_notify(file.notify, where),
        paused=file.paused,
        skip=tuple(_day(day, f"{where}: skip") for day in file.skip),
        file=where,
    )
    _check_fires(made)
    _check_lead(made)
    return made


def _zone(file: _File, where: str, settings: Settings) -> str:
    """Return the zone of *file*, else of its digest; ConfigError where either does not exist."""
    try:
        edition = settings.edition(file.digest)
    except ConfigError as error:
        remedy = f"Write [digests.{file.digest}] into {settings.file}. {error.remedy}"
        raise ConfigError(
            f"{where}: digest", f"{file.digest!r} is not configured", remedy
        ) from None
    zone = file.timezone or edition.timezone or "UTC"
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        remedy = "Use an IANA name such as Asia/Taipei or Europe/Berlin."
        raise ConfigError(f"{where}: timezone", f"{zone!r} is no time zone", remedy) from None
    return zone


def _crons(file: _File, where: str) -> Iterator[str]:
    if bool(file.when) == bool(file.cron):
        cause = "when and cron are both given" if file.when else "it says neither when nor cron"
        raise ConfigError(where, cause, f"Write one: when = {when.EXAMPLES.split(', ')[0]}")
    for words in _several(file.when):
        try:
            yield when.cron(words)
        except ValueError as error:
            raise ConfigError(
                f"{where}: when", f"{words!r}: {error}", f"Write {when.EXAMPLES}."
            ) from None
    yield from _several(file.cron)


def _several(value: str | tuple[str, ...]) -> tuple[str, ...]:
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
    if not tuple(islice(upcoming(schedule, datetime(2024, 1, 1, tzinfo=UTC)), 1)):
        raise ConfigError(f"{schedule.file}: {key}", "it never comes", "Choose a date there is.")


def _check_lead(schedule: Schedule) -> None:
    """Raise ConfigError where a draft could not be read before it leaves, or the next is made."""
    if schedule.review and schedule.unapproved != "hold" and not schedule.lead:
        cause = "nobody could look at a draft that leaves at once"
        raise ConfigError(f"{schedule.file}: review", cause, 'Give it time: lead = "12h".')
    start = datetime(2026, 1, 1, tzinfo=UTC)
    slots = [
        slot.at for slot in takewhile(lambda one: one.at < start + _YEAR, upcoming(schedule, start))
    ]
    shortest = min((later - earlier for earlier, later in pairwise(slots)), default=_YEAR)
    if schedule.lead > shortest:
        between = catalogue("en").lasting(shortest)
        cause = f"it is longer than the time between two runs, {between}"
        raise ConfigError(f"{schedule.file}: lead", cause, "Give a shorter one.")


def _targets(file: _File, where: str, settings: Settings) -> tuple[str, ...]:
    """Return the targets, "threads" spelled out as every network that is set up and takes posts."""
    networks = plugins.names("networks")
    known = (EMAIL, THREADS, *(name for name in networks if name != THREADS))
    chosen: list[str] = []
    for target in file.targets:
        if target not in known:
            near = get_close_matches(target, known, n=1, cutoff=0.5)
            remedy = f"Did you mean {near[0]!r}?" if near else f"There is: {', '.join(known)}."
            raise ConfigError(f"{where}: targets", f"{target!r} is no target", remedy)
        if target not in (EMAIL, THREADS) and not _posts(target):
            remedy = f"Copy them from: digest threads --network {target}"
            cause = f"{target!r} takes posts from a person only"
            raise ConfigError(f"{where}: targets", cause, remedy)
        chosen += _networks(settings, where) if target == THREADS else [target]
    if not chosen:
        remedy = 'Write targets = ["email"], or the networks to post to.'
        raise ConfigError(f"{where}: targets", "it names none", remedy)
    return tuple(dict.fromkeys(chosen))


def _networks(settings: Settings, where: str) -> list[str]:
    posting = [
        name
        for name in sorted(settings.networks)
        if name in plugins.names("networks") and _posts(name)
    ]
    if not posting:
        remedy = "Write [networks.bluesky] into digest.toml; then: digest login bluesky"
        raise ConfigError(f"{where}: targets", '"threads" finds no network set up', remedy)
    return posting


def _posts(network: str) -> bool:
    """Tell whether *network* takes posts from a program."""
    return hasattr(plugins.load("networks", network), "account")


def _notify(written: _Notify, where: str) -> Notify:
    if written.email and not _MAILBOX.search(written.email):
        cause = f"{written.email!r} is no address"
        raise ConfigError(f"{where}: notify.email", cause, "Write it like editor@example.org.")
    if written.webhook and not written.webhook.startswith(("https://", "http://")):
        cause = f"{written.webhook!r} is no web address"
        raise ConfigError(f"{where}: notify.webhook", cause, "Write it whole: https://...")
    return Notify(email=written.email, webhook=written.webhook)


def _patience(text: str, where: str) -> timedelta:
    span = _span(text, where)
    if span < _SOONEST:
        cause = f"{text!r} is sooner than a timer wakes a tick"
        raise ConfigError(where, cause, 'Write at least "30m".')
    return span


def _span(text: str, where: str) -> timedelta:
    try:
        return when.duration(text)
    except ValueError as error:
        raise ConfigError(where, f"{text!r} {error}", 'Write "36h", "90m", "2d" or "1w".') from None


def _day(text: str, where: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ConfigError(where, f"{text!r} is no date", "Write it like 2026-02-16.") from None


def _explained(said: str, file: str) -> ConfigError:
    cause, _, path = said.partition(" - at `")
    inner = path.rstrip("`").removeprefix("$").lstrip(".")
    unknown = re.search(r"unknown field `(.+?)`", cause)
    kind = _Notify if inner == "notify" else _File
    if not unknown:
        choices = [get_args(f.type) for f in msgspec.structs.fields(kind) if f.name == inner]
        remedy = f"Write one of: {', '.join(choices[0])}." if "enum" in cause else ""
        return ConfigError(f"{file}: {inner or 'top level'}", cause[:1].lower() + cause[1:], remedy)
    known = [f.encode_name for f in msgspec.structs.fields(kind)]
    near = get_close_matches(unknown[1], known, n=1, cutoff=0.5)
    remedy = f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known)}."
    key = f"{inner}.{unknown[1]}".lstrip(".")
    return ConfigError(f"{file}: {key}", "there is no such key", remedy)
