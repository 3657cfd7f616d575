"""What a tick works with, and what each of its steps comes to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from digest.errors import NothingToDo
from digest.handover import Deliver
from digest.model import Occurrence, Period, Receipt, Revision
from digest.ports import Issues, Occurrences
from digest.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """What a tick works with, put together by ``digest.usecases.waking``.

    ``draft`` polls the sources (once a tick), makes the issue of a period with at least so many
    posts and saves it. ``target`` returns what delivers a revision there. ``tell`` and ``review``
    write to the editor, by ``notify`` of the schedule. All raise DigestError where they fail.
    """

    occurrences: Occurrences
    issues: Issues
    draft: Callable[[Schedule, Period], Revision]
    target: Callable[[str], Deliver]
    tell: Callable[[Schedule, tuple[Occurrence, ...]], None]
    review: Callable[[Schedule, Occurrence, Revision], None]
    warn: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step came to: a receipt of a target, and the occurrence it belongs to."""

    occurrence: Occurrence
    receipt: Receipt


def settled(steps: Iterable[Step]) -> int:
    """Return the exit status of a tick: 1 where something failed, 0 else, 3 where nothing was."""
    statuses = {step.receipt.status for step in steps}
    if not statuses:
        return NothingToDo.exit_status
    return int(bool(statuses & {"rejected", "unknown", "deferred"}))
