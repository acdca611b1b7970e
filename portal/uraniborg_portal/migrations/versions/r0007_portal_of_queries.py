"""Where the portal was when an asynchronous query was made."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the address of the portal as who made a query reached it."""
    op.add_column("tap_jobs", sa.Column("portal", sa.Text, nullable=False, server_default=""))
