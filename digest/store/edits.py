"""Edits: a log per issue, to which every command, undo and redo is added."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select

from digest.model import Edit, History
from digest.model.edit import EditKind, continues_typing, fingerprint_text
from digest.model.errors import ConflictError, NothingToDo
from digest.store.engine import lock_transaction, raise_store_errors
from digest.store.schema import edits as table

_COLUMNS = ("block", "value", "base", "over", "at", "kind", "step", "number")


class EditStore:
    """Meets the port ``Edits`` on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def history(self, issue: str) -> History:
        """Return what has been edited, undone and redone of *issue*."""
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            return History.of(issue, _read_log(connection, issue))

    def newest(self, issue: str) -> tuple[int, datetime | None]:
        """Return the number and time of the last entry of the log."""
        query = select(table.c.number, table.c.at).where(table.c.issue == issue)
        with raise_store_errors(self._engine), self._engine.connect() as connection:
            found = connection.execute(query.order_by(table.c.number.desc()).limit(1)).first()
        return (found[0], found[1]) if found else (0, None)

    def record(self, edits: Sequence[Edit]) -> History:
        """Add *edits*, all of one issue, as one step; typing that goes on is of the step before.

        ConflictError, and nothing saved, where one would take the place of an edit that its writer
        never saw.
        """
        issue = edits[0].issue
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, f"edits of {issue}")
            log = _read_log(connection, issue)
            before = History.of(issue, log)
            for edit in edits:
                _check_conflict(before, edit)
            last = before.done[-1] if before.done else None
            step = before.length + 1
            if last and continues_typing(last, edits) and log[-1] == last.edits[-1]:
                fresh = [replace(edits[0], base=log[-1].base, step=last.number)]
                step = log.pop().number
                connection.execute(delete(table).where(*_match_entry(issue, step)))
            else:
                fresh = [replace(edit, step=step) for edit in edits]
            fresh = [replace(edit, number=step + place) for place, edit in enumerate(fresh)]
            connection.execute(insert(table), [asdict(edit) for edit in fresh])
        return History.of(issue, [*log, *fresh])

    def undo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Take the last step back; NothingToDo where there is none, or it is not *step*."""
        return self._move(issue, now, "undo", step)

    def redo(self, issue: str, now: datetime, step: int | None = None) -> History:
        """Do the step last undone again; NothingToDo where there is none, or it is not *step*."""
        return self._move(issue, now, "redo", step)

    def _move(self, issue: str, now: datetime, kind: EditKind, step: int | None) -> History:
        with raise_store_errors(self._engine), self._engine.begin() as connection:
            lock_transaction(connection, f"edits of {issue}")
            log = _read_log(connection, issue)
            before = History.of(issue, log)
            steps = before.done if kind == "undo" else before.undone
            if not steps:
                raise NothingToDo(issue, f"there is nothing to {kind}")
            last = steps[-1].number
            if step not in (None, last):
                raise NothingToDo(issue, f"step {step} is not the one to {kind}; {last} is")
            entry = Edit(
                issue=issue,
                block="",
                value=None,
                base="",
                over="",
                at=now,
                kind=kind,
                step=last,
                number=before.length + 1,
            )
            connection.execute(insert(table), [asdict(entry)])
        return History.of(issue, [*log, entry])


def _match_entry(issue: str, number: int) -> tuple[ColumnElement[bool], ...]:
    return table.c.issue == issue, table.c.number == number


def _check_conflict(before: History, edit: Edit) -> None:
    """Raise ConflictError where *edit* would take the place of a word that its writer never saw.

    The generator's own may change under a writer's hands: it is nobody's work, and kept in sight.
    """
    held = before.edits.get(edit.block)
    stands = fingerprint_text(held.value or "") if held else edit.base
    if held and edit.base != stands:
        raise ConflictError(edit.block, mine=edit.value, theirs=held.value or "", base=stands)


def _read_log(connection: Connection, issue: str) -> list[Edit]:
    """Return the log of *issue*, oldest first."""
    columns = (table.c[name] for name in _COLUMNS)
    query = select(*columns).where(table.c.issue == issue).order_by(table.c.number)
    return [
        Edit(
            issue=issue,
            block=block,
            value=value,
            base=base,
            over=over,
            at=at,
            kind=kind,
            step=step,
            number=number,
        )
        for block, value, base, over, at, kind, step, number in connection.execute(query)
    ]
