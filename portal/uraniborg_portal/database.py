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
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from uraniborg_portal import locks
from uraniborg_portal.errors import StateTooNew, Unavailable
from uraniborg_portal.settings import Settings

METADATA = MetaData()
"""Every table of the portal."""

GONE = (OperationalError, InterfaceError, TimeoutError)
"""What is raised while the database does not answer, refuses, or is full: the same may succeed later."""

LAYOUT = 1
"""Number of the state folder's layout, in its file `layout`."""

FILE = "portal.sqlite"

PATIENCE = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""How PostgreSQL is held on to: one that is gone is noticed in seconds, not in TCP's hours."""

POOL = {"pool_size": 10, "max_overflow": 20, "pool_timeout": 10, "pool_recycle": 1800}
"""Connections that a replica keeps, and how long a request waits for one."""


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


def too_new(where: Path | str, instead: str = "set URANIBORG_HOME to another folder") -> StateTooNew:
    """Give the refusal of state that a newer version wrote; `instead` is what else can be done than starting it."""
    return StateTooNew(
        f"{where} was written by a newer version of Uraniborg; it is left as it is.",
        f"Start that newer version, or {instead}.",
    )


def open_database(settings: Settings) -> Engine:
    """Give the database with the newest schema.

    Replicas that start at once wait for each other: the first one migrates.

    Raises
    ------
    StateTooNew
        A newer version wrote it.
    Unavailable
        It does not answer.
    """
    engine = connect(settings)
    try:
        with engine.begin() as connection:
            locks.hold(connection, "schema")
            migrate(connection, settings)
    except OperationalError as error:
        if not settings.database:
            raise
        raise Unavailable(
            f"The database {shown(settings)} does not answer: {str(error.orig).strip()}",
            "Start it, or correct URANIBORG_DATABASE.",
        ) from error
    return engine


def connect(settings: Settings) -> Engine:
    """Give the database as it is; nothing is asked of it yet."""
    if not settings.database:
        engine = create_engine(f"sqlite:///{settings.state / FILE}")
        event.listen(engine, "connect", tune_sqlite)
        return engine
    if make_url(settings.database).get_backend_name() != "postgresql":
        return create_engine(settings.database)
    return create_engine(settings.database, pool_pre_ping=True, connect_args=PATIENCE, **POOL)


def shown(settings: Settings) -> str:
    """Give the database's name for people: without its password."""
    if settings.database:
        return make_url(settings.database).render_as_string(hide_password=True)
    return str(settings.state / FILE)


def unavailable(error: Exception) -> Unavailable:
    """Give the words for a database that can't do now what it was asked."""
    # The driver's words alone: SQLAlchemy's own hold the statement and a user's values too.
    said = str(getattr(error, "orig", error))
    if any(word in said for word in ("full", "No space left")):
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


def migrate(connection: Connection, settings: Settings) -> None:
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
        if not settings.database:
            raise too_new(shown(settings)) from error
        raise too_new(f"The database {shown(settings)}", "restore the dump that was made before the upgrade") from error
    command.upgrade(config, "head")
