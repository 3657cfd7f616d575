"""How often the tokens in readers' links were renewed: what signs them is to know."""

from datetime import datetime

from sqlalchemy import Engine, select

from digest.store.engine import guarded, serialize, upsert
from digest.store.schema import marks

_TIMES, _LAST = "renewals", "renewed"


def count_renewals(engine: Engine) -> int:
    """Return how often all tokens were renewed."""
    return int(_read(engine, _TIMES) or 0)


def last_renewal(engine: Engine) -> datetime | None:
    """Return when they were renewed last."""
    found = _read(engine, _LAST)
    return datetime.fromisoformat(found) if found else None


def renew_tokens(engine: Engine, now: datetime) -> int:
    """Make every token of a reader that was signed so far outdated; return how often that was."""
    with guarded(engine), engine.begin() as connection:
        serialize(connection, "audience")
        query = select(marks.c.value).where(marks.c.name == _TIMES)
        times = int(connection.execute(query).scalar() or 0) + 1
        rows = [{"name": _TIMES, "value": str(times)}, {"name": _LAST, "value": now.isoformat()}]
        upsert(connection, marks, rows)
    return times


def _read(engine: Engine, name: str) -> str:
    with guarded(engine), engine.connect() as connection:
        return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar() or ""
