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

    def record(self, edits: Sequence[Edit]) -> History:
        """Add *edits*, all of one issue, as one step; typing that goes on is of the step before.

        ConflictError, and nothing saved, where a block does not say any more what its writer saw.
        """
        ...

    def undo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Take the last step back; NothingToDo where there is none, or it is not *step*."""
        ...

    def redo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Do the step last undone again; NothingToDo where there is none, or it is not *step*."""
        ...
