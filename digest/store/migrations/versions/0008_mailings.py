"""Mailings, and every reader's copy of them."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import UNSETTLED, Moment, Second

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "mailings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job", sa.String(220), nullable=False, unique=True),
        sa.Column("issue", sa.String(200), nullable=False),
        sa.Column("edition", sa.String(100), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("mailer", sa.String(100), nullable=False),
        sa.Column("started", Moment, nullable=False),
        sa.Column("audience", sa.Integer, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("of", sa.String(220), nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("mailing", sa.Integer, sa.ForeignKey("mailings.id"), primary_key=True),
        sa.Column("subscriber", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.Column("armed", Second),
        sa.Column("until", Second),
        sa.Column("key", sa.String(64)),
        sa.Column("id", sa.String(500)),
        sa.Column("reason", sa.String),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "deliveries_unsettled",
        "deliveries",
        ["mailing", "state"],
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )
