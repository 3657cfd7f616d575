"""Who gets a digest: the one query that freezes an audience and checks it again."""

from sqlalchemy import Select, select

from digest.store.schema import subscribers


def receivers(edition: str) -> Select[int]:
    """Return the query for the ids of everybody who is to get *edition* now.

    Subscribers who left, bounced, complained or were erased are not among them: their state
    changes in the commit that suppresses them. For ``INSERT ... SELECT``, and for a second look
    with ``id IN (...)``.
    """
    listed = subscribers.c.digests.contains(f",{edition},", autoescape=True)
    return select(subscribers.c.id).where(subscribers.c.state == "active", listed)
