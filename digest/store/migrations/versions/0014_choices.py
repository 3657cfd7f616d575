"""What each approved issue was chosen from, with the figures of every candidate."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create the table; what is known of issues approved before stands in their revisions."""
    op.create_table(
        "choices",
        sa.Column("issue", sa.String(200), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.String(100), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("approved", Moment, nullable=False),
        sa.Column("withdrawn", Moment),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
