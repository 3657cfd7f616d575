"""Where a schedule begins and pauses: what the store remembers of it besides its runs."""

from dataclasses import replace
from datetime import datetime, timedelta

from digest.model import Occurrence, Rhythm
from digest.model.occurrence import moved
from digest.ports import Issues, Occurrences
from digest.schedule import ON_TIME, Schedule, Slot, due, natural_start, upcoming


def enrolled(schedule: Schedule, occurrences: Occurrences, issues: Issues, now: datetime) -> Rhythm:
    """Return what is remembered of *schedule*; one that is new to the store is known from now on.

    Its first run may be of the hour before: a timer wakes a tick a little late. Its first window
    begins one turn before that run, or where an issue made by hand ended since: no backlog.
    """
    fresh = Rhythm(digest=schedule.digest, since=now - ON_TIME)
    known = occurrences.rhythm(schedule.digest) or fresh
    floor = known.floor or first_floor(schedule, issues, known.since)
    return occurrences.remember(
        fresh,
        lambda one: replace(one, floor=one.floor or floor, ticked=max(now, one.ticked or now)),
    )


def first_floor(schedule: Schedule, issues: Issues, since: datetime) -> datetime:
    """Return where the first window of *schedule* begins."""
    slot = next(upcoming(schedule, since), None) or Slot(key="", at=since)
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
    after = max([rhythm.since, *(one.at for one in occurrences.latest(schedule.digest))])
    for slot in due(replace(schedule, lead=timedelta()), now, after):
        if slot.at >= rhythm.paused:
            start, end = schedule.told(rhythm.paused), schedule.told(now)
            reason = schedule.say("paused from {start} to {end}", start=start, end=end)
            occurrences.claim(skipped(schedule, slot, reason, now))


def skipped(schedule: Schedule, slot: Slot, reason: str, now: datetime) -> Occurrence:
    """Return the occurrence of *slot*, which makes no issue, and of which the editor is told."""
    return moved(taken_up(schedule, slot), "skipped", reason, now, owed="skipped")


def taken_up(schedule: Schedule, slot: Slot) -> Occurrence:
    """Return a new occurrence for *slot*."""
    return Occurrence(digest=schedule.digest, schedule=schedule.name, key=slot.key, at=slot.at)
