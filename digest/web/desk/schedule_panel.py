"""What the schedule means to do with an issue: when it leaves, for where, and if nobody says so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from digest.app.composition import App
from digest.model import Occurrence
from digest.model.errors import DraftError
from digest.model.scheduled_run import move_run
from digest.schedule import runner
from digest.schedule.explain import ScheduleFacts, forecast_runs
from digest.schedule.rules import Schedule

AHEAD = 4  # runs that are looked at
_HELD = "held by an editor, at the desk"
_FREED = "an editor let it go on, at the desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run to come: what it would tell, or ``reason`` why it is left out."""

    at: datetime
    day: str
    issue: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The schedule of a digest as it concerns one issue.

    ``at`` is when the issue leaves, None where no run has it; ``drafted`` when the run is taken
    up. ``taken`` is the run that was, ``day`` the local day of it; ``coming`` are the next runs.
    """

    schedule: Schedule
    at: datetime | None
    day: str
    drafted: datetime | None
    taken: Occurrence | None
    left_out: str
    paused: bool
    paused_since: datetime | None
    ticked: datetime | None
    coming: tuple[Run, ...]

    def serves(self, channel: str) -> bool:
        """Tell whether it sends by *channel*: "email" or the name of a network."""
        return channel in self.schedule.targets

    @property
    def leaves(self) -> datetime | None:
        """Return when the issue leaves once it is approved, None where nothing sends it then."""
        return None if self.left_out or self.held_back else self.at

    @property
    def held_back(self) -> bool:
        """Tell whether a pause keeps it from leaving."""
        return self.paused and not (self.taken and self.taken.state == "approved")

    @property
    def held(self) -> bool:
        """Tell whether the run waits for a person."""
        return self.taken is not None and self.taken.state == "held"

    @property
    def may_hold(self) -> bool:
        """Tell whether the run can be kept from leaving by itself."""
        return self.taken is not None and self.taken.state in ("claimed", "drafted")


def find_agenda(app: App, edition: str, issue: str, now: datetime) -> Agenda | None:
    """Return what the schedule of the digest *edition* means to do with *issue*; None without one.

    DigestError says what is wrong with a schedule file, where that is why there is none.
    """
    if not app.settings.file:
        return None
    loaded = app.schedules.load()
    mine = next((one for one in loaded.schedules if one.digest == edition), None)
    if mine is None:
        if loaded.errors:
            raise loaded.errors[0]
        return None
    return _make_agenda(ScheduleFacts.of(mine, app.occurrences, now), issue)


def _make_agenda(facts: ScheduleFacts, issue: str) -> Agenda:
    taken = next((one for one in facts.latest if one.issue == issue), None)
    rows = list(forecast_runs(facts, AHEAD))
    row = next((row for row in rows if row["issue"] == issue), None)
    running = taken if taken and taken.open else None
    at = running.at if running else datetime.fromisoformat(row["utc"]) if row else None
    return Agenda(
        schedule=facts.schedule,
        at=at,
        day=(running.key if running else row["occurrence"] if row else "")[:10],
        drafted=datetime.fromisoformat(row["drafted"]) if row and not running else None,
        taken=taken,
        left_out=row["reason"] if row and not running else "",
        paused=bool(facts.paused),
        paused_since=facts.rhythm.paused if facts.rhythm else None,
        ticked=facts.rhythm.ticked if facts.rhythm else None,
        coming=tuple(_list_coming(rows)),
    )


def _list_coming(rows: list[dict[str, object]]) -> Iterator[Run]:
    for row in rows:
        yield Run(
            at=datetime.fromisoformat(str(row["utc"])),
            day=str(row["occurrence"])[:10],
            issue=str(row["issue"]),
            reason=str(row["reason"]),
        )


def steer_run(app: App, edition: str, issue: str, how: str, now: datetime) -> None:
    """Do with the run of *issue* as *how* says: "hold", "free", "skip" or "run".

    DraftError where there is no run that this could be done with.
    """
    known = find_agenda(app, edition, issue, now)
    if known is None or known.at is None:
        raise DraftError(issue, "no schedule sends it")
    if how in ("skip", "run") and known.taken is None:
        day = date.fromisoformat(known.day)
        runner.leave_out_day(app.occurrences, known.schedule, day, now, undo=how == "run")
        return
    if known.taken and (how, True) in (("hold", known.may_hold), ("free", known.held)):
        app.occurrences.save(_steer_occurrence(known.taken, how, now))
        return
    raise DraftError(issue, "its run has gone on meanwhile", "Reload the page.")


def _steer_occurrence(one: Occurrence, how: str, now: datetime) -> Occurrence:
    """Return the run *one* held, or drafted again; the editor need not be told what they did."""
    if how == "free":
        return replace(move_run(one, "drafted", _FREED, now), owed="")
    return replace(move_run(one, "held", _HELD, now), owed="", told=(*one.told, "held"))
