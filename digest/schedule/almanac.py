"""What a person asks of a schedule: when it runs next, and why a run did or did not happen.

Times are in the schedule's zone, with their offset; every reason names facts that can be checked.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from digest.model import Occurrence, Rhythm
from digest.ports import Occurrences
from digest.schedule import (
    ON_TIME,
    Schedule,
    Slot,
    ahead,
    before,
    begins,
    due,
    judged,
    natural_start,
    window,
)

LATEST = 10  # occurrences that ``explain`` shows by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A schedule and what the store remembers of it, at one moment."""

    schedule: Schedule
    now: datetime
    rhythm: Rhythm | None
    covered: datetime | None
    latest: tuple[Occurrence, ...]

    @classmethod
    def of(
        cls,
        schedule: Schedule,
        known: Occurrences,
        now: datetime,
        *,
        most: int = LATEST,
        day: str = "",
    ) -> "Facts":
        """Return the facts of *schedule*; its *most* latest occurrences, or those of *day*."""
        return cls(
            schedule=schedule,
            now=now,
            rhythm=known.rhythm(schedule.digest),
            covered=known.covered(schedule.digest),
            latest=known.latest(schedule.digest, most, day),
        )

    @property
    def paused(self) -> str:
        """Return since when or where it is paused, "" if it is not."""
        if self.schedule.paused:
            return self.schedule.say("in {file}", file=self.schedule.file)
        since = self.rhythm.paused if self.rhythm else None
        if since is None:
            return ""
        return self.schedule.say("since {when}", when=self.schedule.told(since))

    @property
    def ticked(self) -> str:
        """Return when a tick last looked."""
        if self.rhythm is None or self.rhythm.ticked is None:
            return self.schedule.say("never: have a timer wake it, see digest schedule install")
        ago = self.schedule.words.lasting(self.now - self.rhythm.ticked)
        when = self.schedule.told(self.rhythm.ticked)
        return self.schedule.say("{when}, {span} ago", when=when, span=ago)

    def waiting(self) -> tuple[Slot, ...]:
        """Return the slots that are due and no tick has taken up yet."""
        since = self.rhythm.since if self.rhythm else self.now - ON_TIME
        after = max([since, *(one.at for one in self.latest)])
        return due(self.schedule, self.now, after)


def overview(facts: Facts) -> dict[str, Any]:
    """Return one schedule in short."""
    schedule = facts.schedule
    upcoming = ahead(schedule, facts.now, 1)
    last = next((one for one in facts.latest if one.at <= facts.now), None)
    return {
        "name": schedule.name,
        "digest": schedule.digest,
        "when": list(schedule.when) or list(schedule.crons),
        "timezone": schedule.timezone,
        "targets": list(schedule.targets),
        "unapproved": schedule.unapproved,
        "paused": facts.paused or None,
        "next": _iso(schedule, upcoming[0].at) if upcoming else None,
        "last": {"occurrence": last.key, "state": last.state, "issue": last.issue or None}
        if last
        else None,
        "ticked": _iso(schedule, facts.rhythm.ticked) if facts.rhythm else None,
        "file": schedule.file,
    }


def forecast(facts: Facts, count: int) -> Iterator[dict[str, Any]]:
    """Yield the next *count* runs with their windows, as things stand now."""
    schedule, rhythm = facts.schedule, facts.rhythm
    covered = facts.covered or (rhythm.floor if rhythm else None)
    for slot in ahead(schedule, facts.now, count):
        covered = covered or natural_start(schedule, slot)
        period = window(schedule, slot, covered, covered)
        (verdict,) = judged(
            schedule,
            [slot],
            slot.at,
            paused=rhythm.paused if rhythm else None,
            skips=rhythm.skips if rhythm else (),
        )
        yield {
            "occurrence": slot.key,
            "at": _iso(schedule, slot.at),
            "utc": slot.at.isoformat(),
            "drafted": _iso(schedule, begins(schedule, slot)),
            "runs": verdict.run,
            "reason": "" if verdict.run else verdict.reason,
            "issue": f"{schedule.digest}-{period.label}",
            "window": _span(schedule, period.start, period.end),
        }
        covered = period.end if verdict.run else covered


def departure(facts: Facts, issue: str) -> datetime | None:
    """Return when *issue* leaves by itself once it is approved; None where no run has it.

    A moment that is over means: with the next tick.
    """
    for one in facts.latest:
        if one.open and one.issue == issue:
            return one.at
    for row in forecast(facts, 2):
        if row["runs"] and row["issue"] == issue:
            return datetime.fromisoformat(row["utc"])
    return None


def foreseen(facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield what a tick would do now, as far as that can be told without reading the sources."""
    schedule, rhythm = facts.schedule, facts.rhythm
    for one in reversed(facts.latest):
        if one.open:
            yield _would(schedule, one.key, "go on", f"{one.state}: {one.reason}")
    paused, skips = (rhythm.paused, rhythm.skips) if rhythm else (None, ())
    for verdict in judged(schedule, facts.waiting(), facts.now, paused=paused, skips=skips):
        would = "run" if verdict.run else "skip"
        yield _would(schedule, verdict.slot.key, would, verdict.reason)


def _would(schedule: Schedule, key: str, would: str, reason: str) -> dict[str, Any]:
    return {"schedule": schedule.name, "occurrence": key, "would": would, "reason": reason}


def history(facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield what is due and not taken up, then the latest occurrences, newest first."""
    for slot in facts.waiting():
        yield _unrecorded(facts, slot, "due", _untouched(facts))
    for one in facts.latest:
        yield _told(facts.schedule, one)


def explained(facts: Facts, day: date) -> Iterator[dict[str, Any]]:
    """Yield each occurrence of the local *day*, or why there is none."""
    for one in facts.latest:
        yield _told(facts.schedule, one)
    known = {one.key for one in facts.latest}
    for slot in slots_of(facts.schedule, day):
        if slot.key not in known:
            yield _unrecorded(facts, slot, *_why(facts, slot))
    if not known and not slots_of(facts.schedule, day):
        schedule = facts.schedule
        noon = datetime.combine(day, time(12), schedule.zone)
        near = [one for one in (before(schedule, noon), *ahead(schedule, noon, 1)) if one]
        reason = schedule.say(
            "it does not run on that day ({rule}, {zone}); around it: {times}",
            rule=", ".join(schedule.when or schedule.crons),
            zone=schedule.timezone,
            times=", ".join(schedule.told(one.at) for one in near),
        )
        yield {"occurrence": day.isoformat(), "state": "none", "reason": reason}


def slots_of(schedule: Schedule, day: date) -> tuple[Slot, ...]:
    """Return the slots of the local *day*."""
    start = datetime.combine(day, time(), schedule.zone) - timedelta(minutes=1)
    return tuple(one for one in ahead(schedule, start, 48) if one.day == day.isoformat())


def _why(facts: Facts, slot: Slot) -> tuple[str, str]:
    schedule, rhythm = facts.schedule, facts.rhythm
    if slot.at > facts.now:
        (verdict,) = judged(
            schedule,
            [slot],
            slot.at,
            paused=rhythm.paused if rhythm else None,
            skips=rhythm.skips if rhythm else (),
        )
        span = schedule.words.lasting(slot.at - facts.now)
        if verdict.run:
            return "coming", schedule.say("to come in {span}", span=span)
        told = "to come in {span}; will be skipped: {reason}"
        return "coming", schedule.say(told, span=span, reason=verdict.reason)
    if rhythm is None:
        return "none", schedule.say("no tick has seen this schedule yet: digest schedule install")
    if slot.at <= rhythm.since:
        told = "the schedule is known since {when}; what was before does not count"
        return "none", schedule.say(told, when=schedule.told(rhythm.since))
    if slot in facts.waiting():
        return "due", _untouched(facts)
    told = "no tick took it up; last one: {ticked}. It ran by other times then"
    return "none", schedule.say(told, ticked=facts.ticked)


def _untouched(facts: Facts) -> str:
    told = "due, and no tick has run since; last one: {ticked}"
    return facts.schedule.say(told, ticked=facts.ticked)


def _unrecorded(facts: Facts, slot: Slot, state: str, reason: str) -> dict[str, Any]:
    at = _iso(facts.schedule, slot.at)
    return {"occurrence": slot.key, "at": at, "state": state, "reason": reason}


def _told(schedule: Schedule, one: Occurrence) -> dict[str, Any]:
    return {
        "occurrence": one.key,
        "at": _iso(schedule, one.at),
        "state": one.state,
        "reason": one.reason,
        "issue": one.issue or None,
        "revision": one.revision or None,
        "window": _span(schedule, one.start, one.end) if one.start and one.end else None,
        "targets": {name: asdict(handed) for name, handed in one.targets.items()},
        "told": list(one.told),
        "log": [{"at": _iso(schedule, line.at), "text": line.text} for line in one.log],
    }


def _span(schedule: Schedule, start: datetime, end: datetime) -> dict[str, str | None]:
    return {"start": _iso(schedule, start), "end": _iso(schedule, end)}


def _iso(schedule: Schedule, moment: datetime | None) -> str | None:
    return schedule.local(moment).isoformat(timespec="seconds") if moment else None
