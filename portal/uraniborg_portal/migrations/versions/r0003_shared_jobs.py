"""Jobs that any replica may run: who runs one, until when, and what it says."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add leases and events; what was running is taken up again."""
    op.add_column("jobs", sa.Column("runner", sa.String(32), nullable=True))
    op.add_column("jobs", sa.Column("lease", sa.Double, nullable=True))
    for name in ("attempt", "lost", "events"):
        op.add_column("jobs", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")
    op.create_index(
        "one_run_of_a_key",
        "jobs",
        ["key"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "job_events",
        sa.Column("job", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("batch", sa.JSON, nullable=False),
    )
