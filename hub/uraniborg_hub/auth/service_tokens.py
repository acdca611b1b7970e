"""Tokens of our services end with the start that made them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from uraniborg_hub.names import database


def forget_service_tokens(home: Path) -> int:
    """Remove every service's token from the hub's database, before the hub opens it; give their number.

    JupyterHub adds the tokens of its configuration at each start and never removes one: without this, the secrets of
    all earlier starts would open the hub's API for ever. Tokens of people and labs stay.
    """
    path = database(home)
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as connection, connection:
        known = connection.execute("SELECT name FROM sqlite_master WHERE name = 'api_tokens'").fetchone()
        return connection.execute("DELETE FROM api_tokens WHERE service_id IS NOT NULL").rowcount if known else 0
