"""Numbers that cannot be told later: readers and what happened to them, day by day."""

from collections import Counter
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the tables; counting begins today with the subscribers there are."""
    states = op.create_table(
        "daily_states",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("state", sa.String(12), primary_key=True),
        sa.Column("change", sa.Integer, nullable=False),
    )
    op.create_table(
        "daily_events",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("event", sa.String(12), primary_key=True),
        sa.Column("source", sa.String(40), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    today = datetime.now(UTC).date()
    rows = [
        {"day": today, "digest": digest, "state": state, "change": number}
        for (digest, state), number in sorted(_count_subscribers().items())
    ]
    if rows:
        op.bulk_insert(states, rows)


def _count_subscribers() -> Counter[tuple[str, str]]:
    """Return how many subscribers of each digest are in each state, under "" those of any."""
    subscribers = sa.table("subscribers", sa.column("state"), sa.column("digests"))
    kinds = subscribers.c.state, subscribers.c.digests
    query = sa.select(*kinds, sa.func.count()).select_from(subscribers).group_by(*kinds)
    counts: Counter[tuple[str, str]] = Counter()
    for state, digests, number in op.get_bind().execute(query):
        for digest in {"", *digests.split(",")}:
            counts[digest, state] += number
    return counts
