"""What of an approved revision was not approved with the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was approved so far was approved as a whole."""
    op.add_column("revisions", sa.Column("withheld", sa.String, nullable=False, server_default=""))
