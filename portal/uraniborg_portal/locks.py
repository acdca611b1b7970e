"""Locks that hold across the portal's replicas: PostgreSQL's advisory locks; on SQLite, the one lock of its file."""

from __future__ import annotations

import zlib

import sqlalchemy as sa
from sqlalchemy import Connection


def number_of(name: str) -> int:
    """Give the number that PostgreSQL knows a lock by; equal names have equal numbers; pure."""
    return zlib.crc32(f"uraniborg {name}".encode())


def hold(connection: Connection, name: str) -> None:
    """Wait for the lock, and hold it to the end of the connection's transaction, of which it is the first statement."""
    hold_among_replicas(connection, name)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def hold_among_replicas(connection: Connection, name: str) -> None:
    """Wait until no other replica holds the lock, and hold it to the end of this connection's transaction.

    A database for one replica (SQLite) has nobody else: there it is held without a lock, so that others may write.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number_of(name))))


def try_hold(connection: Connection, name: str) -> bool:
    """Hold the lock to the end of this connection's transaction, or say that another one does.

    A database for one replica (SQLite) has nobody else: there it is held without a lock, so that others may write.
    """
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number_of(name)))))
