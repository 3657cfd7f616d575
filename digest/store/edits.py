"""Edits: a log per issue, to which every command, undo and redo is added."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import count

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select

from digest.errors import ConflictError, NothingToDo
from digest.model import Edit, History
from digest.model.edit import Kind, mark, typed
from digest.store.engine import guarded, serialize
from digest.store.schema import edits as table


class EditStore:
    """Meets the port ``Edits`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def history(self, issue: str) -> History:
        """Return what has been edited, undone and redone of *issue*."""
        with guarded(self._engine), self._engine.connect() as connection:
            return _history(connection, issue)

    def record(self, edits: Sequence[Edit]) -> History:
        """Add *edits*, all of one issue, as one step; typing that goes on is of the step before.

        ConflictError, and nothing saved, where a block does not say any more what its writer saw.
        """
        issue = edits[0].issue
        with guarded(self._engine), self._engine.begin() as connection:
            serialize(connection, f"edits of {issue}")
            before = _history(connection, issue)
            for edit in edits:
                _check(before, edit)
            last = before.done[-1] if before.done and not before.undone else None
            if last is not None and typed(last, edits):
                _retype(connection, last.edits[-1], edits[0])
            else:
                numbers = count(before.length + 1)
                step = before.length + 1
                rows = [asdict(replace(e, step=step, number=next(numbers))) for e in edits]
                connection.execute(insert(table), rows)
            return _history(connection, issue)

    def undo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Take the last step back; NothingToDo where there is none, or it is not *step*."""
        return self._move(issue, now, "undo", step)

    def redo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Do the step last undone again; NothingToDo where there is none, or it is not *step*."""
        return self._move(issue, now, "redo", step)

    def _move(self, issue: str, now: datetime, kind: Kind, step: int | None) -> History:
        with guarded(self._engine), self._engine.begin() as connection:
            serialize(connection, f"edits of {issue}")
            before = _history(connection, issue)
            steps = before.done if kind == "undo" else before.undone
            if not steps:
                raise NothingToDo(issue, f"there is nothing to {kind}")
            last = steps[-1].number
            if step not in (None, last):
                raise NothingToDo(issue, f"step {step} is not the one to {kind}; {last} is")
            entry = Edit(
                issue=issue, block="", value=None, base="", over="", at=now, kind=kind, step=last
            )
            connection.execute(insert(table), [asdict(replace(entry, number=before.length + 1))])
            return _history(connection, issue)


def _check(before: History, edit: Edit) -> None:
    """Raise ConflictError where the block of *edit* says something else than its writer saw."""
    held = before.edits.get(edit.block)
    theirs = held.value if held else None
    stands = edit.over if theirs is None else mark(theirs)
    if edit.base != stands:
        raise ConflictError(edit.block, mine=edit.value, theirs=theirs, base=stands)


def _retype(connection: Connection, last: Edit, edit: Edit) -> None:
    """Let what is typed now take the place of what was typed a moment ago."""
    this = (table.c.issue == last.issue, table.c.number == last.number)
    connection.execute(delete(table).where(*this))
    fresh = replace(edit, base=last.base, step=last.step, number=last.number)
    connection.execute(insert(table), [asdict(fresh)])


def _history(connection: Connection, issue: str) -> History:
    query = select(table).where(table.c.issue == issue).order_by(table.c.number)
    return History.of(issue, [_edit(row) for row in connection.execute(query).mappings()])


def _edit(row: RowMapping) -> Edit:
    return Edit(**row)
