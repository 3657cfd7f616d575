"""Is this the newest state of the store, or one from before something was sent?

Every run that sends counts the store's generation up, in the store and then in a file elsewhere.
A store whose count is behind that file is an older copy put in its place. It is marked, as one is
that ``digest restore`` brought back: what may have gone out since is held for a person.

Does the store know these keys? Without the old ones its links are dead, its marks blind.

Who left, read from a store that was moved aside: the marks that suppress them.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import uuid4

import msgspec
from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, select, update

from digest.model import Issue, SuppressionReason
from digest.model.errors import StoreError
from digest.store.engine import raise_store_errors, upsert_rows
from digest.store.schema import deliveries, marks, outbox, revisions


def read_suppressed_marks(path: Path) -> Mapping[bytes, SuppressionReason] | None:
    """Return why each mark is suppressed in the SQLite store at *path*.

    None where it cannot be read: a broken store may be why another is put in its place.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as store:
            rows = store.execute("SELECT mark, reason FROM suppressions").fetchall()
    except sqlite3.Error:
        return None
    return {bytes(mark): cast(SuppressionReason, reason) for mark, reason in rows}


_NAME = "audience key"


def remember_key(engine: Engine, names: Sequence[str], *, adopt: bool = False) -> None:
    """Remember the first of *names*, those of the keys there are, the newest first.

    StoreError where the store remembers a key that is not among them, unless they are to be
    adopted: whoever was erased could be taken in again, and no link in a sent mail would work.
    """
    query = select(marks.c.value).where(marks.c.name == _NAME)
    with raise_store_errors(engine), engine.connect() as connection:
        known = connection.execute(query).scalar()
    if known == names[0]:
        return
    if known is not None and known not in names and not adopt:
        cause = "are not those that its links were signed with"
        remedy = (
            "Put the old key file back beside the store (or the old key into DIGEST_AUDIENCE_KEY, "
            "on a line below the new one). If it is lost for good: digest subscribers keys --adopt"
        )
        raise StoreError("the keys of the audience", cause, remedy)
    with raise_store_errors(engine), engine.begin() as connection:
        upsert_rows(connection, marks, [{"name": _NAME, "value": names[0]}])


_decode_issue = msgspec.json.Decoder(Issue).decode
_OPEN = ("queued", "claimed", "armed", "deferred", "unknown")


@contextmanager
def count_sending_run(engine: Engine) -> Iterator[None]:
    """Count one more run that sends; StoreError where the store is older than what was sent."""
    with raise_store_errors(engine), engine.begin() as connection:
        name, here = _find_store_name(connection), int(_read_mark(connection, "generation") or 0)
        behind = _read_generation(name) > here
        if behind:
            hold_unsettled(connection, datetime.now(UTC))
        else:
            upsert_rows(connection, marks, [{"name": "generation", "value": str(here + 1)}])
    if behind:
        cause = "is older than what was sent from it: a copy was put in its place"
        remedy = "What may have gone out since is held; settle it with: digest resolve"
        raise StoreError("the store", cause, remedy)
    _write_generation(name, here + 1)
    yield


def hold_unsettled(connection: Connection, now: datetime) -> int:
    """Mark the store as restored *now* and hold all that is not settled; return how much."""
    name, here = _find_store_name(connection), int(_read_mark(connection, "generation") or 0)
    known = [
        {"name": "restored", "value": now.isoformat()},
        {"name": "generation", "value": str(max(here, _read_generation(name)))},
    ]
    upsert_rows(connection, marks, known)
    reason = {"state": "held", "reason": _format_reason(now)}
    held = 0
    for table in (deliveries, outbox):
        these = update(table).where(table.c.state.in_(_OPEN))
        held += connection.execute(these.values(reason)).rowcount
    return held


def explain_doubt(connection: Connection, issue: str) -> str:
    """Return why *issue* may have gone out before the store was restored, "" where it cannot.

    What the store knows nothing of may have been drafted and sent in what was lost; only an issue
    that begins after the restoration certainly was not.
    """
    restored = _read_mark(connection, "restored")
    if not restored:
        return ""
    query = select(revisions.c.content).where(revisions.c.issue == issue)
    content = connection.execute(query.order_by(revisions.c.number.desc()).limit(1)).scalar()
    moment = datetime.fromisoformat(restored)
    if content is not None and _decode_issue(content).period.start >= moment:
        return ""
    return _format_reason(moment)


def stamp_backup(connection: Connection, now: datetime) -> None:
    """Note when a backup was made, in the backup."""
    upsert_rows(connection, marks, [{"name": "backup", "value": now.isoformat()}])


def _format_reason(moment: datetime) -> str:
    return f"the store was restored on {moment:%Y-%m-%d %H:%M} UTC: this may have gone out before"


def _read_mark(connection: Connection, name: str) -> str:
    query = select(marks.c.value).where(marks.c.name == name)
    return connection.execute(query).scalar() or ""


def _find_store_name(connection: Connection) -> str:
    """Return the name that the store goes by wherever it is copied to."""
    known = _read_mark(connection, "store")
    if not known:
        known = uuid4().hex
        upsert_rows(connection, marks, [{"name": "store", "value": known}])
    return known


def _find_generation_file(name: str) -> Path:
    return user_data_path("digest") / "generations" / f"{name}.json"


def _read_generation(name: str) -> int:
    """Return the generation that was noted outside, 0 where none was."""
    try:
        return int(json.loads(_find_generation_file(name).read_text("utf-8"))["generation"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _write_generation(name: str, generation: int) -> None:
    """Note *generation* outside the store; a place that cannot be written warns of nothing."""
    path = _find_generation_file(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".part")
        fresh.write_text(json.dumps({"generation": generation}), "utf-8")
        fresh.replace(path)
    except OSError:
        return
