"""Who is to get a mail now: the one place that says so to the ledger."""

from sqlalchemy import Integer, String, column, select, table
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

subscribers = table(
    "subscribers",
    column("id", Integer),
    column("address", String),
    column("name", String),
    column("state", String),
    column("digests", String),
)


def receives(edition: str) -> ColumnElement[bool]:
    """Return the condition that picks the subscribers who get *edition* now."""
    listed = subscribers.c.digests.contains(f",{edition},", autoescape=True)
    return (subscribers.c.state == "active") & listed


def receivers(edition: str) -> Select[int]:
    """Return the query for the ids of everybody who gets *edition* now."""
    return select(subscribers.c.id).where(receives(edition))
