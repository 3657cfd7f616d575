"""What the ledger of mailings holds of one reader: shown with their data, cleared with it."""

from sqlalchemy import ColumnElement, Connection, select, update

from digest.model import Event
from digest.store.mail_schema import deliveries, mailings


def copies(connection: Connection, number: int) -> tuple[Event, ...]:
    """Return the copies that the subscriber *number* was sent or is to be, oldest first."""
    columns = mailings.c.job, mailings.c.started, deliveries.c.armed, deliveries.c.state
    query = select(*columns).join(mailings, mailings.c.id == deliveries.c.mailing)
    query = query.where(_of(number)).order_by(mailings.c.started, mailings.c.id)
    return tuple(
        Event(at=armed or started, what=job, detail=state)
        for job, started, armed, state in connection.execute(query)
    )


def make_anonymous(connection: Connection, number: int) -> None:
    """Clear what a server answered of *number*, which may name an address; their copies stay."""
    said = _of(number) & deliveries.c.reason.is_not(None)
    connection.execute(update(deliveries).where(said).values(reason=None))


def _of(number: int) -> ColumnElement[bool]:
    """Return the condition for the copies of *number*, by the key of each mailing in turn."""
    mine = deliveries.c.subscriber == number
    return mine & deliveries.c.mailing.in_(select(mailings.c.id))
