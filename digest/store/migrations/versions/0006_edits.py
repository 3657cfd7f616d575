"""Edits and what they are laid over; revisions in the making."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables; every revision of before is finished."""
    op.create_table(
        "edits",
        sa.Column("issue", sa.String(200), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(4), nullable=False),
        sa.Column("block", sa.String(200), nullable=False),
        sa.Column("value", sa.String),
        sa.Column("base", sa.String(16), nullable=False),
        sa.Column("over", sa.String(16), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_table(
        "generated",
        sa.Column("issue", sa.String(200), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.add_column(
        "revisions", sa.Column("open", sa.Boolean, nullable=False, server_default=sa.false())
    )
