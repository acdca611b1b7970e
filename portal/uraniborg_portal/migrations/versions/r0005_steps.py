"""How far asynchronous queries are."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add how many of their steps are done, and of how many."""
    op.add_column("tap_jobs", sa.Column("steps_done", sa.Integer, nullable=False, server_default="0"))
    op.add_column("tap_jobs", sa.Column("steps", sa.Integer, nullable=False, server_default="0"))
