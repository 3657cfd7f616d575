"""What a person asks of a schedule: when it runs next, and why a run did or did not happen.

Times are in the schedule's zone, with their offset; every reason names facts that can be checked.

Where a schedule begins and pauses: what the store remembers of it besides its runs.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from digest.model import Occurrence, ScheduleState
from digest.model.ports.editorial import Issues
from digest.model.ports.schedule import Occurrences
from digest.model.scheduled_run import move_run
from digest.schedule.rules import (
    ON_TIME,
    Schedule,
    ScheduledTime,
    draft_time,
    find_slot_before,
    find_window,
    horizon,
    judge_slots,
    list_ahead,
    list_due,
    list_upcoming,
    natural_start,
)

LATEST = 10  # occurrences that ``explain`` shows by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFacts:
    """A schedule and what the store remembers of it, at one moment."""

    schedule: Schedule
    now: datetime
    rhythm: ScheduleState | None
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
    ) -> "ScheduleFacts":
        """Return the facts of *schedule*; its *most* latest occurrences, or those of *day*."""
        return cls(
            schedule=schedule,
            now=now,
            rhythm=known.rhythm(schedule.digest),
            covered=known.covered(schedule.digest, horizon(schedule, now)),
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

    def waiting(self) -> tuple[ScheduledTime, ...]:
        """Return the slots that are due and no tick has taken up yet."""
        since = self.rhythm.since if self.rhythm else self.now - ON_TIME
        after = max([since, *(one.at for one in self.latest)])
        return list_due(self.schedule, self.now, after)


def describe_schedule(facts: ScheduleFacts) -> dict[str, Any]:
    """Return one schedule in short."""
    schedule = facts.schedule
    upcoming = list_ahead(schedule, facts.now, 1)
    last = next((one for one in facts.latest if one.at <= facts.now), None)
    return {
        "name": schedule.name,
        "digest": schedule.digest,
        "when": list(schedule.when) or list(schedule.crons),
        "timezone": schedule.timezone,
        "targets": list(schedule.targets),
        "unapproved": schedule.unapproved,
        "paused": facts.paused or None,
        "next": _format_iso(schedule, upcoming[0].at) if upcoming else None,
        "last": {"occurrence": last.key, "state": last.state, "issue": last.issue or None}
        if last
        else None,
        "ticked": _format_iso(schedule, facts.rhythm.ticked) if facts.rhythm else None,
        "file": schedule.file,
    }


def forecast_runs(facts: ScheduleFacts, count: int) -> Iterator[dict[str, Any]]:
    """Yield the next *count* runs with their windows, as things stand now."""
    schedule, rhythm = facts.schedule, facts.rhythm
    covered = facts.covered or (rhythm.floor if rhythm else None)
    for slot in list_ahead(schedule, facts.now, count):
        covered = covered or natural_start(schedule, slot)
        period = find_window(schedule, slot, covered, covered)
        (verdict,) = judge_slots(
            schedule,
            [slot],
            slot.at,
            paused=rhythm.paused if rhythm else None,
            skips=rhythm.skips if rhythm else (),
        )
        yield {
            "occurrence": slot.key,
            "at": _format_iso(schedule, slot.at),
            "utc": slot.at.isoformat(),
            "drafted": _format_iso(schedule, draft_time(schedule, slot)),
            "runs": verdict.run,
            "reason": "" if verdict.run else verdict.reason,
            "issue": f"{schedule.digest}-{period.label}",
            "window": _describe_span(schedule, period.start, period.end),
        }
        covered = period.end if verdict.run else covered


def find_departure(facts: ScheduleFacts, issue: str) -> datetime | None:
    """Return when *issue* leaves by itself once it is approved; None where no run has it.

    A moment that is over means: with the next tick.
    """
    for one in facts.latest:
        if one.open and one.issue == issue:
            return one.at
    for row in forecast_runs(facts, 2):
        if row["runs"] and row["issue"] == issue:
            return datetime.fromisoformat(row["utc"])
    return None


def foresee_tick(facts: ScheduleFacts) -> Iterator[dict[str, Any]]:
    """Yield what a tick would do now, as far as that can be told without reading the sources."""
    schedule, rhythm = facts.schedule, facts.rhythm
    for one in reversed(facts.latest):
        if one.open:
            yield _describe_step(schedule, one.key, "go on", f"{one.state}: {one.reason}")
    paused, skips = (rhythm.paused, rhythm.skips) if rhythm else (None, ())
    for verdict in judge_slots(schedule, facts.waiting(), facts.now, paused=paused, skips=skips):
        would = "run" if verdict.run else "skip"
        yield _describe_step(schedule, verdict.slot.key, would, verdict.reason)


def _describe_step(schedule: Schedule, key: str, would: str, reason: str) -> dict[str, Any]:
    return {"schedule": schedule.name, "occurrence": key, "would": would, "reason": reason}


def list_history(facts: ScheduleFacts) -> Iterator[dict[str, Any]]:
    """Yield what is due and not taken up, then the latest occurrences, newest first."""
    for slot in facts.waiting():
        yield _describe_unrecorded(facts, slot, "due", _explain_untouched(facts))
    for one in facts.latest:
        yield _describe_occurrence(facts.schedule, one)


def explain_day(facts: ScheduleFacts, day: date) -> Iterator[dict[str, Any]]:
    """Yield each occurrence of the local *day*, or why there is none."""
    for one in facts.latest:
        yield _describe_occurrence(facts.schedule, one)
    known = {one.key for one in facts.latest}
    for slot in list_slots(facts.schedule, day):
        if slot.key not in known:
            yield _describe_unrecorded(facts, slot, *_explain_slot(facts, slot))
    if not known and not list_slots(facts.schedule, day):
        schedule = facts.schedule
        noon = datetime.combine(day, time(12), schedule.zone)
        near = [
            one for one in (find_slot_before(schedule, noon), *list_ahead(schedule, noon, 1)) if one
        ]
        reason = schedule.say(
            "it does not run on that day ({rule}, {zone}); around it: {times}",
            rule=", ".join(schedule.when or schedule.crons),
            zone=schedule.timezone,
            times=", ".join(schedule.told(one.at) for one in near),
        )
        yield {"occurrence": day.isoformat(), "state": "none", "reason": reason}


def list_slots(schedule: Schedule, day: date) -> tuple[ScheduledTime, ...]:
    """Return the slots of the local *day*."""
    start = datetime.combine(day, time(), schedule.zone) - timedelta(minutes=1)
    return tuple(one for one in list_ahead(schedule, start, 48) if one.day == day.isoformat())


def _explain_slot(facts: ScheduleFacts, slot: ScheduledTime) -> tuple[str, str]:
    schedule, rhythm = facts.schedule, facts.rhythm
    if slot.at > facts.now:
        (verdict,) = judge_slots(
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
        return "due", _explain_untouched(facts)
    told = "no tick took it up; last one: {ticked}. It ran by other times then"
    return "none", schedule.say(told, ticked=facts.ticked)


def _explain_untouched(facts: ScheduleFacts) -> str:
    told = "due, and no tick has run since; last one: {ticked}"
    return facts.schedule.say(told, ticked=facts.ticked)


def _describe_unrecorded(
    facts: ScheduleFacts, slot: ScheduledTime, state: str, reason: str
) -> dict[str, Any]:
    at = _format_iso(facts.schedule, slot.at)
    return {"occurrence": slot.key, "at": at, "state": state, "reason": reason}


def _describe_occurrence(schedule: Schedule, one: Occurrence) -> dict[str, Any]:
    return {
        "occurrence": one.key,
        "at": _format_iso(schedule, one.at),
        "state": one.state,
        "reason": one.reason,
        "issue": one.issue or None,
        "revision": one.revision or None,
        "window": _describe_span(schedule, one.start, one.end) if one.start and one.end else None,
        "targets": {name: asdict(handed) for name, handed in one.targets.items()},
        "told": list(one.told),
        "log": [{"at": _format_iso(schedule, line.at), "text": line.text} for line in one.log],
    }


def _describe_span(schedule: Schedule, start: datetime, end: datetime) -> dict[str, str | None]:
    return {"start": _format_iso(schedule, start), "end": _format_iso(schedule, end)}


def _format_iso(schedule: Schedule, moment: datetime | None) -> str | None:
    return schedule.local(moment).isoformat(timespec="seconds") if moment else None


def enroll_schedule(
    schedule: Schedule, occurrences: Occurrences, issues: Issues, now: datetime
) -> ScheduleState:
    """Return what is remembered of *schedule*; one that is new to the store is known from now on.

    Its first run may be of the hour before: a timer wakes a tick a little late. Its first window
    begins one turn before that run, or where an issue made by hand ended since: no backlog.
    """
    fresh = ScheduleState(digest=schedule.digest, since=now - ON_TIME)
    known = _present(occurrences.rhythm(schedule.digest) or fresh, fresh, now)
    floor = known.floor or first_floor(schedule, issues, known.since)

    def change(one: ScheduleState) -> ScheduleState:
        one = _present(one, fresh, now)
        return replace(one, floor=one.floor or floor, ticked=now, doubted=None)

    return occurrences.remember(fresh, change)


def _present(known: ScheduleState, fresh: ScheduleState, now: datetime) -> ScheduleState:
    """Return *known* without what lies in the future: a clock that was ahead has noted it."""
    floor = None if known.floor and known.floor > now else known.floor
    since = fresh.since if known.since > now else known.since
    return replace(known, floor=floor, since=since)


def first_floor(schedule: Schedule, issues: Issues, since: datetime) -> datetime:
    """Return where the first window of *schedule* begins."""
    slot = next(list_upcoming(schedule, since), None) or ScheduledTime(key="", at=since)
    if not slot.key:
        return since
    natural = natural_start(schedule, slot)
    ends = (one.issue.period.end for one in issues.all_approved(schedule.digest))
    by_hand = [end for end in ends if natural - (slot.at - natural) <= end < natural]
    return max(by_hand, default=natural)


def end_pause(schedule: Schedule, occurrences: Occurrences, now: datetime) -> None:
    """Record what fell into the pause of *schedule* up to *now* as skipped; nothing is made up."""
    rhythm = occurrences.rhythm(schedule.digest)
    if rhythm is None or rhythm.paused is None:
        return
    latest = occurrences.latest(schedule.digest, until=horizon(schedule, now))
    after = max([rhythm.since, *(one.at for one in latest)])
    for slot in list_due(replace(schedule, lead=timedelta()), now, after):
        if slot.at >= rhythm.paused:
            start, end = schedule.told(rhythm.paused), schedule.told(now)
            reason = schedule.say("paused from {start} to {end}", start=start, end=end)
            occurrences.claim(skip_slot(schedule, slot, reason, now))


def skip_slot(schedule: Schedule, slot: ScheduledTime, reason: str, now: datetime) -> Occurrence:
    """Return the occurrence of *slot*, which makes no issue, and of which the editor is told."""
    return move_run(taken_up(schedule, slot), "skipped", reason, now, owed="skipped")


def taken_up(schedule: Schedule, slot: ScheduledTime) -> Occurrence:
    """Return a new occurrence for *slot*."""
    return Occurrence(digest=schedule.digest, schedule=schedule.name, key=slot.key, at=slot.at)
