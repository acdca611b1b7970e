"""Tokens of our services end with the start that made them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url


def forget_service_tokens(database_url: str) -> int:
    """Remove every service's token from the hub's database, before the hub opens it; give their number.

    JupyterHub adds the tokens of its configuration at each start and never removes one: without this, the secrets of
    all earlier starts would open the hub's API for ever. Tokens of people and labs stay. Takes the SQLAlchemy URL of
    any database that JupyterHub can use.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return 0
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            if not inspect(connection).has_table("api_tokens"):
                return 0
            return connection.execute(text("DELETE FROM api_tokens WHERE service_id IS NOT NULL")).rowcount
    finally:
        engine.dispose()
