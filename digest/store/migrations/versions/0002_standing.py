"""How things stand with a source, and the keys that a post is found by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and the table; posts of before get their keys when they are saved again."""
    op.add_column("sources", sa.Column("standing", sa.LargeBinary))
    op.create_table(
        "keys",
        sa.Column("source", sa.String(500), primary_key=True),
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("post", sa.String(64), sa.ForeignKey("posts.id"), primary_key=True),
    )
    op.create_index("keys_by_post", "keys", ["post"])
