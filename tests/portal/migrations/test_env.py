"""The migrations make the tables that the stores declare."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from uraniborg_portal import main
from uraniborg_portal.database import METADATA, open_database
from uraniborg_portal.settings import Settings


def test_the_schema_is_the_one_that_the_stores_declare(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    settings.state.mkdir(parents=True)
    engine = open_database(settings)
    assert main.FEATURES
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()
