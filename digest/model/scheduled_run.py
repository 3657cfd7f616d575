"""An occurrence: one run of a schedule, from the moment it is due to its end.

    claimed ─> drafted ─> approved ─> sent
       │          └─> held ──┘
       └─ at any point before approval ─> skipped | failed

Its key is local time without an offset, so a clock hour that comes twice is one occurrence.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from digest.model.draft import Receipt

OccurrenceState = Literal["claimed", "drafted", "held", "approved", "sent", "skipped", "failed"]
TargetState = Literal["done", "again", "waits", "refused"]

OPEN_STATES: frozenset[OccurrenceState] = frozenset({"claimed", "drafted", "held", "approved"})
COVERING_STATES: frozenset[OccurrenceState] = frozenset({"approved", "sent"})
LOG_LENGTH, LOG_HEAD = 60, 20  # lines that are kept of each occurrence, the first of them for good


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """One thing that happened to an occurrence; ``state`` is what it became by it, if anything."""

    at: datetime
    text: str
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetResult:
    """How far one target of an occurrence is.

    ``done``; tried ``again`` by the next tick; ``waits`` for a person; ``refused`` for good.
    """

    state: TargetState
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One run of the schedule of *digest*; ``key`` is ``2026-02-02T08:00``, ``at`` that moment.

    ``start`` and ``end`` bound its window. ``owed`` is the kind of event that the editor is still
    to be told, ``told`` the kinds that they were. ``reviewed`` is the revision that the review
    mail showed, 0 before it was sent. ``version`` counts the saves.
    """

    digest: str
    key: str
    at: datetime
    schedule: str = ""
    state: OccurrenceState = "claimed"
    reason: str = ""
    issue: str = ""
    revision: int = 0
    reviewed: int = 0
    start: datetime | None = None
    end: datetime | None = None
    targets: dict[str, TargetResult] = field(default_factory=dict)
    owed: str = ""
    told: tuple[str, ...] = ()
    log: tuple[RunEvent, ...] = ()
    version: int = 0

    @property
    def open(self) -> bool:
        """Tell whether something is left to do for it."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleState:
    """What is remembered of the schedule of *digest* besides its occurrences.

    Occurrences after ``since`` count; ``floor`` is where its first window begins. ``ticked`` is
    when a tick last looked, ``paused`` since when it is paused, ``skips`` are ISO dates left out.
    ``doubted`` is what the clock showed when a tick did not believe it, None since it did.
    """

    digest: str
    since: datetime
    floor: datetime | None = None
    ticked: datetime | None = None
    paused: datetime | None = None
    skips: tuple[str, ...] = ()
    doubted: datetime | None = None


def move_run(
    one: Occurrence, state: OccurrenceState, text: str, now: datetime, *, owed: str = ""
) -> Occurrence:
    """Return *one* in *state* since *now*, because of *text*; *owed* tells the editor, once."""
    fresh = owed if owed and owed not in one.told else one.owed
    became = state if state != one.state else ""
    return replace(log_run_event(one, text, now, became), state=state, reason=text, owed=fresh)


def log_run_event(one: Occurrence, text: str, now: datetime, became: str = "") -> Occurrence:
    """Return *one* with a line more in its log; what was said last is not said again."""
    if one.log and one.log[-1].text == text:
        return one
    log = (*one.log, RunEvent(at=now, text=text, state=became))
    return replace(
        one, log=log if len(log) <= LOG_LENGTH else (*log[:LOG_HEAD], *log[LOG_HEAD + 1 :])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the links of one review mail are for: one revision of the issue of one occurrence.

    ``name`` stands in the links; ``used`` are the actions whose link was used.
    """

    name: str
    digest: str
    key: str
    issue: str
    revision: int
    hash: str
    expires: datetime
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TickStep:
    """What one step came to: a receipt of a target, and the occurrence it belongs to."""

    occurrence: Occurrence
    receipt: Receipt
