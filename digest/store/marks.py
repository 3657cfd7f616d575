"""Is this the newest state of the store, or one from before something was sent?

Every run that sends counts the store's generation up, in the store and then in a file elsewhere.
A store whose count is behind that file is an older copy put in its place. It is marked, as one is
that ``digest restore`` brought back: what may have gone out since is held for a person.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec
from platformdirs import user_data_path
from sqlalchemy import Connection, Engine, select, update

from digest.errors import StoreError
from digest.model import Issue
from digest.store.engine import guarded
from digest.store.mail_schema import deliveries, marks
from digest.store.schema import outbox, revisions
from digest.store.upsert import upsert

_issue = msgspec.json.Decoder(Issue).decode
_OPEN = ("queued", "claimed", "armed", "deferred", "unknown")


@contextmanager
def counted(engine: Engine) -> Iterator[None]:
    """Count one more run that sends; StoreError where the store is older than what was sent."""
    with guarded(engine), engine.begin() as connection:
        name, here = _name(connection), int(_read(connection, "generation") or 0)
        behind = _noted(name) > here
        if behind:
            hold_back(connection, datetime.now(UTC))
        else:
            upsert(connection, marks, [{"name": "generation", "value": str(here + 1)}])
    if behind:
        cause = "is older than what was sent from it: a copy was put in its place"
        remedy = "What may have gone out since is held; settle it with: digest resolve"
        raise StoreError("the store", cause, remedy)
    _note(name, here + 1)
    yield


def hold_back(connection: Connection, now: datetime) -> int:
    """Mark the store as restored *now* and hold all that is not settled; return how much."""
    name, here = _name(connection), int(_read(connection, "generation") or 0)
    known = [
        {"name": "restored", "value": now.isoformat()},
        {"name": "generation", "value": str(max(here, _noted(name)))},
    ]
    upsert(connection, marks, known)
    reason = {"state": "held", "reason": _why(now)}
    held = 0
    for table in (deliveries, outbox):
        these = update(table).where(table.c.state.in_(_OPEN))
        held += connection.execute(these.values(reason)).rowcount
    return held


def doubtful(connection: Connection, issue: str) -> str:
    """Return why *issue* may have gone out before the store was restored, "" where it cannot.

    What the store knows nothing of may have been drafted and sent in what was lost; only an issue
    that begins after the restoration certainly was not.
    """
    restored = _read(connection, "restored")
    if not restored:
        return ""
    query = select(revisions.c.content).where(revisions.c.issue == issue)
    content = connection.execute(query.order_by(revisions.c.number.desc()).limit(1)).scalar()
    moment = datetime.fromisoformat(restored)
    if content is not None and _issue(content).period.start >= moment:
        return ""
    return _why(moment)


def stamp(connection: Connection, now: datetime) -> None:
    """Note when a backup was made, in the backup."""
    upsert(connection, marks, [{"name": "backup", "value": now.isoformat()}])


def _why(moment: datetime) -> str:
    return f"the store was restored on {moment:%Y-%m-%d %H:%M} UTC: this may have gone out before"


def _read(connection: Connection, name: str) -> str:
    query = select(marks.c.value).where(marks.c.name == name)
    return connection.execute(query).scalar() or ""


def _name(connection: Connection) -> str:
    """Return the name that the store goes by wherever it is copied to."""
    known = _read(connection, "store")
    if not known:
        known = uuid4().hex
        upsert(connection, marks, [{"name": "store", "value": known}])
    return known


def _file(name: str) -> Path:
    return user_data_path("digest") / "generations" / f"{name}.json"


def _noted(name: str) -> int:
    """Return the generation that was noted outside, 0 where none was."""
    try:
        return int(json.loads(_file(name).read_text("utf-8"))["generation"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _note(name: str, generation: int) -> None:
    """Note *generation* outside the store; a place that cannot be written warns of nothing."""
    path = _file(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".part")
        fresh.write_text(json.dumps({"generation": generation}), "utf-8")
        fresh.replace(path)
    except OSError:
        return
