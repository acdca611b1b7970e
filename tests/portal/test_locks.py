"""Locks across replicas, on a real PostgreSQL; and replicas that start at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from uraniborg_portal import locks
from uraniborg_portal.database import check_state, open_database
from uraniborg_portal.settings import Settings

if TYPE_CHECKING:
    from conftest import PostgreSQL


def test_one_holds_a_lock_until_its_transaction_ends(postgresql: PostgreSQL) -> None:
    database = sa.create_engine(postgresql.database("locks"))
    with database.begin() as first, database.begin() as second:
        locks.hold(first, "cleaning")
        assert not locks.try_hold(second, "cleaning")
        assert locks.try_hold(second, "something else")
    with database.begin() as connection:
        assert locks.try_hold(connection, "cleaning")
    database.dispose()


def test_replicas_that_start_at_once_migrate_once(postgresql: PostgreSQL, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database=postgresql.database("started_at_once"))
    check_state(settings)
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(lambda _: open_database(settings), range(4)))
    for database in opened:
        assert "job_events" in sa.inspect(database).get_table_names()
        database.dispose()


def test_processes_that_start_at_once_on_sqlite_migrate_once(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    check_state(settings)
    with ThreadPoolExecutor(4) as pool:
        for database in pool.map(lambda _: open_database(settings), range(4)):
            database.dispose()
