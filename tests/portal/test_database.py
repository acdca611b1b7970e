"""The database and the state folder: made, migrated, or refused as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from uraniborg_portal.database import FILE, check_state, open_database
from uraniborg_portal.errors import StateTooNew, Unavailable
from uraniborg_portal.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty state folder."""
    made = Settings(home=tmp_path / "home")
    check_state(made)
    return made


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names())


def test_a_new_database_has_every_table_and_a_write_ahead_log(settings: Settings) -> None:
    engine = open_database(settings)
    assert {"results", "jobs", "products"} <= tables(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def test_opening_again_changes_nothing(settings: Settings) -> None:
    for _ in range(2):
        engine = open_database(settings)
        engine.dispose()
    assert (settings.home / "layout").read_text() == "1\n"


def test_an_older_database_is_migrated_with_its_rows(settings: Settings) -> None:
    path = settings.state / FILE
    engine = open_database(settings)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE jobs")
        connection.exec_driver_sql("DROP TABLE job_events")
        connection.exec_driver_sql("DROP TABLE products")
        connection.exec_driver_sql("DROP TABLE tap_jobs")
        connection.exec_driver_sql("DROP TABLE user_tables")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.exec_driver_sql("INSERT INTO results VALUES ('a', NULL, 'q', '{}', 1, 1.0, 2.0)")
    engine.dispose()
    engine = open_database(settings)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT id FROM results").scalar() == "a"
    assert "jobs" in tables(engine)
    assert path.exists()
    engine.dispose()


def test_a_newer_database_is_refused_and_left_as_it_is(settings: Settings) -> None:
    engine = open_database(settings)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    before = (settings.state / FILE).read_bytes()
    with pytest.raises(StateTooNew, match=FILE):
        open_database(settings)
    assert (settings.state / FILE).read_bytes() == before


def test_of_a_newer_database_of_its_own_an_operator_is_told_to_restore_the_dump(settings: Settings) -> None:
    named = settings.model_copy(update={"database": f"sqlite:///{settings.home / 'named.sqlite'}"})
    engine = open_database(named)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    with pytest.raises(StateTooNew, match=r"named\.sqlite was written by a newer version") as told:
        open_database(named)
    assert told.value.remedy == "Start that newer version, or restore the dump that was made before the upgrade."


@pytest.mark.parametrize("text", ["2\n", "x\n", ""])
def test_a_newer_layout_is_refused(settings: Settings, text: str) -> None:
    (settings.home / "layout").write_text(text)
    with pytest.raises(StateTooNew, match=str(settings.home)):
        check_state(settings)


def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="can't be written"):
        check_state(Settings(home=tmp_path / "file"))
