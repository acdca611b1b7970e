"""Rows of jobs, of what they say, and of their products."""

from __future__ import annotations

import sqlalchemy as sa

from uraniborg_portal import leases
from uraniborg_portal.database import METADATA

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(255), nullable=False),
    sa.Column("instrument", sa.String(64), nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("key", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("ended", sa.Float, nullable=True),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("remedy", sa.Text, nullable=False),
    sa.Column("product", sa.String(32), nullable=True),
    *leases.columns(),
    sa.Column("events", sa.Integer, nullable=False, server_default="0"),
    sa.Index("jobs_of_owner", "owner", "created"),
    sa.Index("jobs_by_state", "state"),
    sa.Index("jobs_by_product", "product"),
    sa.Index(
        "one_run_of_a_key",
        "key",
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    ),
)
"""Jobs; `runner` holds one until `lease` (database time), and `events` is the number of its last event."""

EVENTS = sa.Table(
    "job_events",
    METADATA,
    sa.Column("job", sa.String(32), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("batch", sa.JSON, nullable=False),
)
"""What jobs say: a row holds a batch, [[kind, data], ...], and `number` is that of its last event."""

PRODUCTS = sa.Table(
    "products",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False, unique=True),
    sa.Column("instrument", sa.String(64), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created", sa.Float, nullable=False),
)
