"""The hub's database where it is a file: commits are quick, and none that was answered is lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from uraniborg_hub import names

if TYPE_CHECKING:
    from conftest import Hub

pytestmark = pytest.mark.platform


def test_what_was_answered_outlives_a_crash(start_hub: Callable[..., Hub]) -> None:
    hub = start_hub(URANIBORG_OWNER="tycho")
    with hub.sign_in("brahe"):
        hub.end(crash=True)
    with closing(sqlite3.connect(names.database(hub.home))) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert ("brahe",) in database.execute("SELECT name FROM users").fetchall()
    hub.start()
