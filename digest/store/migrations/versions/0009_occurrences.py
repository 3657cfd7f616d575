"""The runs of schedules."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "occurrences",
        sa.Column("digest", sa.String(100), primary_key=True),
        sa.Column("key", sa.String(16), primary_key=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("schedule", sa.String(100), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("issue", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("reviewed", sa.Integer, nullable=False),
        sa.Column("start", Moment),
        sa.Column("end", Moment),
        sa.Column("targets", sa.LargeBinary, nullable=False),
        sa.Column("owed", sa.String(40), nullable=False),
        sa.Column("told", sa.LargeBinary, nullable=False),
        sa.Column("log", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("occurrences_by_time", "occurrences", ["digest", "at"])
    op.create_table(
        "rhythms",
        sa.Column("digest", sa.String(100), primary_key=True),
        sa.Column("since", Moment, nullable=False),
        sa.Column("floor", Moment),
        sa.Column("ticked", Moment),
        sa.Column("paused", Moment),
        sa.Column("skips", sa.LargeBinary, nullable=False),
    )
