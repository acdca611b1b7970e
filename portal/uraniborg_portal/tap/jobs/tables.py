"""Rows of asynchronous queries."""

from __future__ import annotations

import sqlalchemy as sa

from uraniborg_portal import leases
from uraniborg_portal.database import METADATA

TAP_JOBS = sa.Table(
    "tap_jobs",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(255), nullable=True),
    sa.Column("phase", sa.String(16), nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("portal", sa.Text, nullable=False, server_default=""),
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
    sa.Column("steps_done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("steps", sa.Integer, nullable=False, server_default="0"),
    *leases.columns(),
    sa.Index("tap_jobs_of_owner", "owner", "created"),
    sa.Index("tap_jobs_by_phase", "phase"),
    sa.Index("tap_jobs_by_destruction", "destruction"),
)
"""Jobs; `parameters` is a list of names and values."""
