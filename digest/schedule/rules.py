"""Schedule + now + what is recorded -> what is due, and each run's window. Pure; cronsim decides.

    ──┬───────────────┬───────────────┬──────> time of the schedule's zone
      │    window     │    window     │        half-open, [start, end): each begins where the one
    slot            slot            slot       before it ended that an issue was approved of

A slot's key is its local time without offset: an hour that the clock repeats is one occurrence,
and one that it leaves out runs when the gap is over (Debian's cron).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from digest.model import Period, ScheduleState
from digest.text.localization import Catalogue, load_catalogue

if TYPE_CHECKING:
    from cronsim import CronSim

Window = Literal["since-last-sent", "calendar-week", "calendar-month", "calendar-day"]
CatchUp = Literal["skip", "latest", "all"]
Unapproved = Literal["send", "hold", "skip"]

ON_TIME = timedelta(hours=1)  # with catch_up = "skip"; timers that wake a tick come this late
LONGEST_GAP = timedelta(days=45)  # between two ticks; after more the clock is looked at twice
MOST = 200  # missed occurrences that are looked at one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Where the editor hears of what did not go as planned."""

    email: str = ""
    webhook: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One file of ``schedules/``; ``crons`` are five fields each, ``timezone`` an IANA name.

    ``lead`` is how long before its time a run is drafted; ``max_late`` how long after it may still
    begin, None without a bound; ``least`` the fewest new posts that make an issue.
    """

    name: str
    digest: str
    crons: tuple[str, ...]
    when: tuple[str, ...] = ()
    timezone: str = "UTC"
    window: Window = "since-last-sent"
    catch_up: CatchUp = "latest"
    max_late: timedelta | None = timedelta(hours=36)
    lead: timedelta = timedelta()
    least: int = 1
    unapproved: Unapproved = "hold"
    review: bool = False
    targets: tuple[str, ...] = ("email",)
    notify: Notify = field(default_factory=Notify)
    paused: bool = False
    skip: tuple[str, ...] = ()
    file: str = ""
    language: str = ""

    @property
    def words(self) -> Catalogue:
        """Return the language that its editor is told in: that of its digest."""
        return load_catalogue(self.language)

    def say(self, message: str, **values: object) -> str:
        """Return *message* in its language."""
        return self.words.gettext(message, **values)

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone that its times are in."""
        return ZoneInfo(self.timezone)

    def local(self, moment: datetime) -> datetime:
        """Return *moment* as the clocks of its zone show it."""
        return moment.astimezone(self.zone)

    def told(self, moment: datetime) -> str:
        """Return *moment* for a person, in the zone of the schedule."""
        return self.words.moment(moment, self.timezone)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledTime:
    """A moment at which a schedule runs, by its key and in UTC."""

    key: str
    at: datetime

    @property
    def day(self) -> str:
        """Return its local date, ISO."""
        return self.key[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotVerdict:
    """What becomes of a slot that is due, and why."""

    slot: ScheduledTime
    run: bool
    reason: str


def doubts_clock(now: datetime, rhythm: ScheduleState) -> bool:
    """Tell whether a clock that shows *now* has jumped since the last tick of *rhythm*.

    It is believed where it goes on from the last tick, or from the last time it was doubted: one
    tick that stands elsewhere decides nothing, and two that agree are right.
    """
    known = [moment for moment in (rhythm.ticked, rhythm.doubted) if moment is not None]
    return bool(known) and not any(-ON_TIME <= now - at <= LONGEST_GAP for at in known)


def horizon(schedule: Schedule, now: datetime) -> datetime:
    """Return up to when a run can be known at *now*: what is later was noted by a wrong clock."""
    return now + schedule.lead + ON_TIME


def list_upcoming(schedule: Schedule, after: datetime) -> Iterator[ScheduledTime]:
    """Yield the slots after *after*, the first first; without end unless the cron has one."""
    start = schedule.local(after)
    series = (_walk_forward(cron, start, schedule.zone) for cron in schedule.crons)
    seen: str = ""
    for at, key in merge(*series):
        if at > after and key != seen:
            seen = key
            yield ScheduledTime(key=key, at=at)


def find_slot_before(schedule: Schedule, at: datetime) -> ScheduledTime | None:
    """Return the last slot before *at*, None if there was none in all the years before."""
    found = (_walk_backward(cron, schedule.local(at), at, schedule.zone) for cron in schedule.crons)
    slots = [ScheduledTime(key=key, at=moment) for one in found if one for moment, key in (one,)]
    return max(slots, key=lambda slot: slot.at, default=None)


def _walk_forward(cron: str, start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, str]]:
    for local in _make_cronsim(cron, start):
        yield _to_utc(local, zone)


def _walk_backward(
    cron: str, start: datetime, at: datetime, zone: ZoneInfo
) -> tuple[datetime, str] | None:
    past = (_to_utc(local, zone) for local in _make_cronsim(cron, start, reverse=True))
    return next((one for one in past if one[0] < at), None)


def _to_utc(local: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    utc = local.astimezone(UTC)
    return utc, f"{utc.astimezone(zone):%Y-%m-%dT%H:%M}"


def _make_cronsim(cron: str, start: datetime, *, reverse: bool = False) -> "CronSim":
    from cronsim import CronSim

    return CronSim(cron, start, reverse=reverse)


def draft_time(schedule: Schedule, slot: ScheduledTime) -> datetime:
    """Return when the run of *slot* is drafted: its lead before, and its window over."""
    cut = slot.at - schedule.lead
    return max(cut, _calendar_end(schedule, slot)) if _by_calendar(schedule) else cut


def list_due(schedule: Schedule, now: datetime, after: datetime) -> tuple[ScheduledTime, ...]:
    """Return the slots after *after* that are to be drafted by *now*, oldest first.

    Of more than ``MOST`` only the newest: nobody reads the rest.
    """
    found: list[ScheduledTime] = []
    for slot in list_upcoming(schedule, after):
        if draft_time(schedule, slot) > now:
            break
        found.append(slot)
        if len(found) > 2 * MOST:
            del found[:MOST]
    return tuple(found[-MOST:])


def judge_slots(
    schedule: Schedule,
    slots: Sequence[ScheduledTime],
    now: datetime,
    *,
    paused: datetime | None = None,
    skips: Collection[str] = (),
) -> tuple[SlotVerdict, ...]:
    """Return what becomes of each of the due *slots*: paused, left out, too late, or to be run."""
    against = [_find_objection(schedule, slot, now, paused, skips) for slot in slots]
    last = max((i for i, reason in enumerate(against) if not reason), default=-1)
    verdicts = []
    for place, (slot, reason) in enumerate(zip(slots, against, strict=True)):
        why = reason
        if not why and place < last and schedule.catch_up != "all":
            why = schedule.say(
                'missed: {when} was due as well and is made in its place (catch_up = "{kind}")',
                when=schedule.told(slots[last].at),
                kind=schedule.catch_up,
            )
        told = why or _describe_lateness(schedule, slot, now)
        verdicts.append(SlotVerdict(slot=slot, run=not why, reason=told))
    return tuple(verdicts)


def _find_objection(
    schedule: Schedule,
    slot: ScheduledTime,
    now: datetime,
    paused: datetime | None,
    skips: Collection[str],
) -> str:
    late = now - slot.at
    if slot.day in skips or slot.day in schedule.skip:
        return left_out(schedule, slot)
    if schedule.paused:
        return schedule.say("paused in {file}", file=schedule.file)
    if paused is not None and slot.at >= paused:
        return schedule.say("paused since {when}", when=schedule.told(paused))
    if missed := too_late(schedule, slot, now):
        return missed
    if schedule.catch_up == "skip" and late > ON_TIME:
        told = 'missed: a tick came {span} after its time (catch_up = "skip")'
        return schedule.say(told, span=schedule.words.lasting(late))
    return ""


def too_late(schedule: Schedule, slot: ScheduledTime, now: datetime) -> str:
    """Return why *slot* is not made any more at *now*, "" where it may be."""
    late = now - slot.at
    if schedule.max_late is None or late <= schedule.max_late:
        return ""
    return schedule.say(
        "missed: a tick came {span} after its time, and max_late is {most}",
        span=schedule.words.lasting(late),
        most=schedule.words.lasting(schedule.max_late),
    )


def left_out(schedule: Schedule, slot: ScheduledTime) -> str:
    """Return why *slot* is not made on a day that the editor left out."""
    return schedule.say("{day} is left out, as you asked", day=slot.day)


def _describe_lateness(schedule: Schedule, slot: ScheduledTime, now: datetime) -> str:
    late = now - slot.at
    if late < timedelta():
        return schedule.say("taken up {span} ahead", span=schedule.words.lasting(-late))
    if late < timedelta(minutes=1):
        return schedule.say("taken up on time")
    return schedule.say("taken up {span} late", span=schedule.words.lasting(late))


def find_window(
    schedule: Schedule, slot: ScheduledTime, covered: datetime, floor: datetime
) -> Period:
    """Return the window of *slot*, which begins at *covered*; empty where all of it is covered.

    What came to light too late for its own window, back to *floor*, is of this one.
    """
    end = window_end(schedule, slot)
    start = min(covered, end)
    return Period(start=start, end=end, label=name_window(schedule, slot), since=min(floor, start))


def window_end(schedule: Schedule, slot: ScheduledTime) -> datetime:
    """Return where the window of *slot* ends."""
    if _by_calendar(schedule):
        return _calendar_end(schedule, slot)
    return slot.at - schedule.lead


def natural_start(schedule: Schedule, slot: ScheduledTime) -> datetime:
    """Return where the window of *slot* begins if nothing was sent before: one turn earlier."""
    if _by_calendar(schedule):
        return _find_midnight(_unit_before(schedule, _calendar_day(schedule, slot)), schedule.zone)
    previous = find_slot_before(schedule, slot.at)
    return (previous.at if previous else slot.at - timedelta(days=7)) - schedule.lead


def name_window(schedule: Schedule, slot: ScheduledTime) -> str:
    """Return the name of the window of *slot*, which its issue is called by.

    A calendar unit is called as ``digest draft`` calls it ("2026-W05"); else the slot's date
    names it, with the time where a day can have two.
    """
    if not _by_calendar(schedule):
        return slot.day if _once_a_day(schedule) else slot.key.replace("T", "-").replace(":", "")
    first = _unit_before(schedule, _calendar_day(schedule, slot))
    if schedule.window == "calendar-week":
        year, number, _ = first.isocalendar()
        return f"{year}-W{number:02d}"
    return f"{first:%Y-%m}" if schedule.window == "calendar-month" else f"{first}..{first}"


def _once_a_day(schedule: Schedule) -> bool:
    fields = [cron.split()[:2] for cron in schedule.crons]
    return len(fields) == 1 and all(field.isdigit() for field in fields[0])


def _by_calendar(schedule: Schedule) -> bool:
    return schedule.window != "since-last-sent"


def _calendar_end(schedule: Schedule, slot: ScheduledTime) -> datetime:
    return _find_midnight(_calendar_day(schedule, slot), schedule.zone)


def _calendar_day(schedule: Schedule, slot: ScheduledTime) -> date:
    """Return the first day of the calendar unit that *slot* falls into."""
    day = date.fromisoformat(slot.day)
    if schedule.window == "calendar-week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if schedule.window == "calendar-month" else day


def _unit_before(schedule: Schedule, first: date) -> date:
    last = first - timedelta(days=1)
    if schedule.window == "calendar-week":
        return first - timedelta(days=7)
    return last.replace(day=1) if schedule.window == "calendar-month" else last


def _find_midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when *day* begins in *zone*; where its midnight is left out, when the gap is over."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def list_ahead(schedule: Schedule, now: datetime, count: int) -> tuple[ScheduledTime, ...]:
    """Return the next *count* slots after *now*."""
    return tuple(islice(list_upcoming(schedule, now), count))
