"""The tables of the ledger of mailings; what ``schema`` says of changes holds here too."""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    TypeDecorator,
    text,
)

from digest.store.schema import Moment, metadata


class Second(TypeDecorator[datetime]):
    """An aware time as whole seconds since 1970, for tables of which each byte counts."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Return the second that *value* is in."""
        del dialect
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Return the time as aware UTC."""
        del dialect
        return None if value is None else datetime.fromtimestamp(value, UTC)


mailings = Table(  # one mail to everybody it is for
    "mailings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("job", String(220), nullable=False, unique=True),
    Column("issue", String(200), nullable=False),
    Column("edition", String(100), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("mailer", String(100), nullable=False),
    Column("started", Moment, nullable=False),
    Column("audience", Integer, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("content", LargeBinary, nullable=False),  # a correction's Mail as JSON
    Column("of", String(220), nullable=False),  # the job whose readers get it
)

# A small index finds these; a query must name this very condition for SQLite to use it.
_UNSETTLED = "state IN ('armed', 'claimed', 'deferred', 'held', 'rejected', 'unknown')"
UNSETTLED, unsettled = text(_UNSETTLED), text(f"deliveries.{_UNSETTLED}")

deliveries = Table(  # each reader's copy; a million of them an issue, so a row is small
    "deliveries",
    metadata,
    Column("mailing", ForeignKey("mailings.id"), primary_key=True),
    Column("subscriber", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("armed", Second),
    Column("until", Second),
    Column("key", String(64)),
    Column("id", String(500)),
    Column("reason", String),
    sqlite_with_rowid=False,
)
Index(
    "deliveries_unsettled",
    deliveries.c.mailing,
    deliveries.c.state,
    sqlite_where=UNSETTLED,
    postgresql_where=UNSETTLED,
)

marks = Table(  # what is to be known of the store itself
    "marks",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", String(200), nullable=False),
)
