"""The links of review mails, and which of them were used."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "reviews",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("digest", sa.String(100), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("issue", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("expires", Moment, nullable=False),
    )
    op.create_table(
        "review_uses",
        sa.Column("name", sa.String(40), sa.ForeignKey("reviews.name"), primary_key=True),
        sa.Column("action", sa.String(10), primary_key=True),
    )
