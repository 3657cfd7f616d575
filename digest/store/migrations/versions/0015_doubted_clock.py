"""What the clock showed when a tick did not believe it."""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Add the column; no clock was doubted before."""
    op.add_column("rhythms", sa.Column("doubted", Moment))
