"""What posts said before they were edited."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "post_versions",
        sa.Column("post", sa.String(64), sa.ForeignKey("posts.id"), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("replaced", Moment, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
