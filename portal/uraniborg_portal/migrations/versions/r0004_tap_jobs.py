"""Asynchronous queries."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "tap_jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("owner", sa.String(255), nullable=True),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("started", sa.Double, nullable=True),
        sa.Column("ended", sa.Double, nullable=True),
        sa.Column("destruction", sa.Double, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.Column("media_type", sa.String(255), nullable=True),
        sa.Column("extension", sa.String(16), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("uploaded", sa.BigInteger, nullable=False),
        sa.Column("overflow", sa.Boolean, nullable=False),
        sa.Column("runner", sa.String(32), nullable=True),
        sa.Column("lease", sa.Double, nullable=True),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("lost", sa.Integer, nullable=False, server_default="0"),
    )
    op.create_index("tap_jobs_of_owner", "tap_jobs", ["owner", "created"])
    op.create_index("tap_jobs_by_phase", "tap_jobs", ["phase"])
    op.create_index("tap_jobs_by_destruction", "tap_jobs", ["destruction"])
