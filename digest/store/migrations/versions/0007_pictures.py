"""Pictures that go out with drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "pictures",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "picture_keys",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("picture", sa.String(80), sa.ForeignKey("pictures.name"), nullable=False),
    )
