"""The first tables: sources, posts, revisions and fates."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "sources",
        sa.Column("name", sa.String(500), primary_key=True),
        sa.Column("etag", sa.String, nullable=False),
        sa.Column("last_modified", sa.String, nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("timezone", sa.String, nullable=False),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(500), sa.ForeignKey("sources.name"), nullable=False),
        sa.Column("new_at", Moment, nullable=False),
        sa.Column("published", Moment, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
    op.create_index("posts_by_source_and_time", "posts", ["source", "new_at"])
    op.create_index("posts_by_source_and_date", "posts", ["source", "published"])
    op.create_table(
        "revisions",
        sa.Column("issue", sa.String(200), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("edition", sa.String(100), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.Column("approved", Moment),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("mail", sa.LargeBinary, nullable=False),
        sa.Column("threads", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "fates",
        sa.Column("edition", sa.String(100), primary_key=True),
        sa.Column("post", sa.String(64), primary_key=True),
        sa.Column("issue", sa.String(200), nullable=False),
        sa.Column("fate", sa.String(10), nullable=False),
    )
    op.create_index("fates_by_issue", "fates", ["edition", "issue"])
