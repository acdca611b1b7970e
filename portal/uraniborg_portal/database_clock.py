"""The database's own time, in SQL: the one clock that replicas on several machines share."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class DatabaseTime(FunctionElement[float]):
    """Unix seconds, now (not at the transaction's start)."""

    type = sa.Double()
    inherit_cache = True


@compiles(DatabaseTime, "sqlite")
def sqlite_time(element: DatabaseTime, compiler: SQLCompiler, **options: object) -> str:
    """Give the SQL of SQLite; it knows milliseconds."""
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(DatabaseTime, "postgresql")
def postgresql_time(element: DatabaseTime, compiler: SQLCompiler, **options: object) -> str:
    """Give the SQL of PostgreSQL."""
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"
