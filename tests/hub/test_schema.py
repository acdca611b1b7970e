"""A database of a newer version is refused in a sentence, and left as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jupyterhub.orm import new_session_factory
from sqlalchemy import Engine, create_engine, text

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.schema import check_schema


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "hub.sqlite"


@pytest.fixture
def engine(file: Path) -> Engine:
    """A database; nothing is in it."""
    return create_engine(f"sqlite:///{file}")


@pytest.fixture
def newer(engine: Engine, file: Path) -> Path:
    """JupyterHub's database, as a version that is not made yet leaves it."""
    new_session_factory(str(engine.url)).kw["bind"].dispose()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'abcdef012345'"))
    return file


def test_an_empty_database_is_taken(engine: Engine) -> None:
    check_schema(engine)


def test_jupyterhubs_own_is_taken(engine: Engine) -> None:
    new_session_factory(str(engine.url)).kw["bind"].dispose()
    check_schema(engine)


def test_a_newer_one_is_refused_with_what_to_do(engine: Engine, newer: Path) -> None:
    before = newer.read_bytes()
    with pytest.raises(PlatformError, match=rf"{newer} was written by a newer version \(schema abcdef012345\)") as told:
        check_schema(engine)
    assert "restore the dump" in told.value.remedy
    assert newer.read_bytes() == before


def test_the_hub_ends_with_the_sentence_and_nothing_else(newer: Path) -> None:
    before = newer.read_bytes()
    argv = [sys.executable, "-m", "uraniborg_hub.hub", "--upgrade-db", f"--db=sqlite:///{newer}"]
    done = subprocess.run(argv, cwd=newer.parent, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "was written by a newer version" in done.stderr
    assert "Traceback" not in done.stderr
    assert newer.read_bytes() == before
    assert list(newer.parent.glob("hub.sqlite*")) == [newer], "no copy of what is not touched"
