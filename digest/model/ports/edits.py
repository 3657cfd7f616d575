"""What the stages ask of the log of an editor's work."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from digest.model import Edit, History


class Edits(Protocol):
    """What the editor says in place of the generator: a log per issue, with undo and redo."""

    def history(self, issue: str) -> History:
        """Return what has been edited, undone and redone of *issue*."""
        ...

    def newest(self, issue: str) -> tuple[int, datetime | None]:
        """Return the number and time of the last entry of the log, as ``History.newest`` has it."""
        ...

    def record(self, edits: Sequence[Edit]) -> History:
        """Add *edits*, all of one issue, as one step; typing that goes on is of the step before.

        ConflictError, and nothing saved, where one would take the place of an edit that its writer
        never saw.
        """
        ...

    def undo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Take the last step back; NothingToDo where there is none, or it is not *step*."""
        ...

    def redo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Do the step last undone again; NothingToDo where there is none, or it is not *step*."""
        ...
