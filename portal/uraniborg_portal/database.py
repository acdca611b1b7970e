"""The portal's database: SQLite in the state folder (or what `database` names), migrated at start.

Each feature's `store.py` declares its tables on `METADATA`; a change of a table is a new file in `migrations/versions`.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from uraniborg_portal.errors import StateTooNew, Unavailable
from uraniborg_portal.settings import Settings

METADATA = MetaData()
"""Every table of the portal."""

LAYOUT = 1
"""Number of the state folder's layout, in its file `layout`."""

FILE = "portal.sqlite"


def check_state(settings: Settings) -> None:
    """Make the state folder ready to be written.

    Raises
    ------
    StateTooNew
        A newer version wrote it; nothing is changed.
    Unavailable
        It can't be written.
    """
    marker = settings.home / "layout"
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        if not marker.exists():
            marker.write_text(f"{LAYOUT}\n")
        found = marker.read_text().strip()
    except OSError as error:
        raise Unavailable(
            f"The state folder {settings.home} can't be written: {error.strerror}.",
            "Make it writable, or set URANIBORG_HOME to another folder.",
        ) from error
    if not found.isdigit() or int(found) > LAYOUT:
        raise too_new(settings.home)


def too_new(path: Path | str) -> StateTooNew:
    """Give the refusal of state that a newer version wrote."""
    return StateTooNew(
        f"{path} was written by a newer version of Uraniborg; it is left as it is.",
        "Start that newer version, or set URANIBORG_HOME to another folder.",
    )


def open_database(settings: Settings) -> Engine:
    """Give the database with the newest schema.

    Raises
    ------
    StateTooNew
        A newer version wrote it.
    """
    # A server that restarted has ended all connections: each is tried before it is used.
    engine = create_engine(settings.database or f"sqlite:///{settings.state / FILE}", pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", tune_sqlite)
    with engine.begin() as connection:
        migrate(connection, str(settings.database or settings.state / FILE))
    return engine


def unavailable(error: DBAPIError) -> Unavailable:
    """Give the words for a database that can't do now what it was asked."""
    if "full" in str(error.orig) or "No space left" in str(error.orig):
        return Unavailable(
            "The disk of the portal's database is full: what is kept can be read, nothing new can be kept.",
            "Tell whoever runs this portal.",
        )
    return Unavailable(
        "The portal's database does not answer now; what is kept there is not lost.", "Try again in a minute."
    )


def tune_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Let readers go on while one writes, and writers wait for each other."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def migrate(connection: Connection, name: str) -> None:
    """Bring the schema to the newest revision; a revision that we don't know is refused."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    script = ScriptDirectory.from_config(config)
    current = MigrationContext.configure(connection).get_current_revision()
    if current == script.get_current_head():
        return
    try:
        if current:
            script.get_revision(current)
    except CommandError as error:
        raise too_new(name) from error
    command.upgrade(config, "head")
