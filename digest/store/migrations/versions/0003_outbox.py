"""The outbox: what is to leave, is leaving and has left."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "outbox",
        sa.Column("job", sa.String(200), primary_key=True),
        sa.Column("target", sa.String(320), primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("payload", sa.String, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("wire", sa.String, nullable=False),
        sa.Column("id", sa.String(500), nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("armed", Moment),
        sa.Column("retry_at", Moment),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.create_index("outbox_by_state", "outbox", ["state"])
