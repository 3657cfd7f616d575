"""The audience: subscribers, what happened to them, and whom not to write to."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("normal", sa.String(320), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("digests", sa.String, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("changed", Moment, nullable=False),
        sa.Column("consent_how", sa.String(40), nullable=False),
        sa.Column("consent_at", Moment, nullable=False),
        sa.Column("consent_source", sa.String(200), nullable=False),
        sa.Column("confirmed", Moment),
        sa.Column("asked", Moment),
        sa.Column("softs", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppressions",
        sa.Column("mark", sa.LargeBinary(16), primary_key=True),
        sa.Column("reason", sa.String(12), nullable=False),
        sa.Column("since", Moment, nullable=False),
    )
    op.create_table(
        "subscriber_events",
        sa.Column("id", sa.Integer, sa.Identity(), primary_key=True),
        sa.Column(
            "subscriber",
            sa.Integer,
            sa.ForeignKey("subscribers.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", Moment, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("detail", sa.String(500), nullable=False),
    )
    op.create_index("subscriber_events_by_subscriber", "subscriber_events", ["subscriber"])
    op.create_table(
        "notices",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("at", Moment, nullable=False),
    )
