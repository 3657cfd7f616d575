"""How often the tokens in readers' links were renewed: what signs them is to know."""

from datetime import datetime

from sqlalchemy import Engine, select

from digest.store.engine import lock_transaction, raise_store_errors, upsert_rows
from digest.store.schema import marks

_TIMES, _LAST = "renewals", "renewed"


def count_renewals(engine: Engine) -> int:
    """Return how often all tokens were renewed."""
    return int(_read_mark(engine, _TIMES) or 0)


def find_last_renewal(engine: Engine) -> datetime | None:
    """Return when they were renewed last."""
    found = _read_mark(engine, _LAST)
    return datetime.fromisoformat(found) if found else None


def renew_tokens(engine: Engine, now: datetime) -> int:
    """Make every token of a reader that was signed so far outdated; return how often that was."""
    with raise_store_errors(engine), engine.begin() as connection:
        lock_transaction(connection, "audience")
        query = select(marks.c.value).where(marks.c.name == _TIMES)
        times = int(connection.execute(query).scalar() or 0) + 1
        rows = [{"name": _TIMES, "value": str(times)}, {"name": _LAST, "value": now.isoformat()}]
        upsert_rows(connection, marks, rows)
    return times


def _read_mark(engine: Engine, name: str) -> str:
    with raise_store_errors(engine), engine.connect() as connection:
        return connection.execute(select(marks.c.value).where(marks.c.name == name)).scalar() or ""
