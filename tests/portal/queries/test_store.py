"""Results on disk: kept, found, expired, and gone when room is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.database import open_database
from uraniborg_portal.engine.models import Cone, QueryResult
from uraniborg_portal.errors import NotFound, Unavailable
from uraniborg_portal.queries.models import Description, ResultPosition
from uraniborg_portal.queries.store import ResultStore
from uraniborg_portal.settings import ResultLimits, Settings
from uraniborg_portal.storage import Storage

TABLE = pa.table({"ra": [1.0, 2.0], "dec": [3.0, 4.0]})
DESCRIPTION = Description(
    rows=2,
    requested=10,
    overflow=True,
    columns=(Column(name="ra", datatype="double", unit="deg"), Column(name="dec", datatype="double", unit="deg")),
    position=ResultPosition(ra="ra", dec="dec"),
    epoch=1991.25,
    notes=("A note.",),
    seconds=0.5,
    cone=Cone(ra=1.5, dec=3.5, radius=1.0),
)


def result(adql: str, table: pa.Table) -> QueryResult:
    """A whole result."""
    columns = tuple(column for column in DESCRIPTION.columns if column.name in table.column_names)
    return QueryResult(table=table, columns=columns, overflow=True, adql=adql)


class Clock:
    """A time that the test sets."""

    now = 1_000_000.0

    def __call__(self) -> float:
        """Give it."""
        return self.now


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[sa.Engine]:
    """A database with the newest schema."""
    settings = Settings(home=tmp_path)
    settings.state.mkdir(parents=True)
    engine = open_database(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """The store's time."""
    return Clock()


@pytest.fixture
def store(rows: sa.Engine, tmp_path: Path, clock: Clock) -> ResultStore:
    """A store that keeps results for a day, those of nobody for an hour."""
    return ResultStore(rows, Storage(str(tmp_path)), ResultLimits(days=1, anonymous_hours=1), clock)


def test_what_is_saved_is_found(store: ResultStore) -> None:
    saved = store.save(result("SELECT 1", TABLE), lambda: DESCRIPTION, "tycho")
    assert store.get(saved.id) == saved
    assert store.table(saved.id) == TABLE
    assert len(saved.id) == 32


def test_only_their_own_are_listed_newest_first(store: ResultStore, clock: Clock) -> None:
    first = store.save(result("1", TABLE), lambda: DESCRIPTION, "tycho")
    clock.now += 1
    second = store.save(result("2", TABLE), lambda: DESCRIPTION, "tycho")
    store.save(result("3", TABLE), lambda: DESCRIPTION, "sophie")
    store.save(result("4", TABLE), lambda: DESCRIPTION, None)
    assert [stored.id for stored in store.of_owner("tycho")] == [second.id, first.id]


def test_results_expire_and_leave_no_file(store: ResultStore, clock: Clock, tmp_path: Path) -> None:
    mine = store.save(result("1", TABLE), lambda: DESCRIPTION, "tycho")
    nobodys = store.save(result("2", TABLE), lambda: DESCRIPTION, None)
    clock.now += 3601
    assert store.get(mine.id)
    with pytest.raises(NotFound):
        store.get(nobodys.id)
    store.clean()
    assert [path.name for path in (tmp_path / "results").iterdir()] == [mine.id]


def test_what_a_crash_left_is_removed_later(store: ResultStore, clock: Clock, tmp_path: Path) -> None:
    half = tmp_path / "results" / ".abc"
    half.mkdir(parents=True)
    clock.now = half.stat().st_mtime + 60
    store.clean()
    assert half.exists()
    clock.now += 3600
    store.clean()
    assert not half.exists()


def test_the_oldest_make_room_for_the_newest(rows: sa.Engine, tmp_path: Path, clock: Clock) -> None:
    big = pa.table({"ra": pa.array(range(150_000), pa.int64()).cast(pa.float64())})
    store = ResultStore(rows, Storage(str(tmp_path)), ResultLimits(megabytes_per_user=1), clock)
    saved = []
    for _ in range(5):
        clock.now += 1
        saved.append(store.save(result("1", big), lambda: DESCRIPTION, "tycho").id)
    others = store.save(result("1", TABLE), lambda: DESCRIPTION, "sophie")
    kept = [stored.id for stored in store.of_owner("tycho")]
    assert kept == saved[::-1][: len(kept)]
    assert 1 <= len(kept) < 5
    assert store.get(others.id)


@pytest.mark.parametrize("identifier", ["", "x", "../portal.sqlite", "0" * 32, "0" * 33, "%"])
def test_what_is_no_id_is_not_found(store: ResultStore, identifier: str) -> None:
    with pytest.raises(NotFound):
        store.get(identifier)


def test_a_folder_that_can_not_be_written_is_said(rows: sa.Engine, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = ResultStore(rows, Storage(str(tmp_path / "file")), ResultLimits(), clock)
    with pytest.raises(Unavailable, match="can't be kept"):
        store.save(result("1", TABLE), lambda: DESCRIPTION, None)


def test_a_result_whose_file_is_gone_is_not_found(store: ResultStore, tmp_path: Path) -> None:
    saved = store.save(result("1", TABLE), lambda: DESCRIPTION, None)
    (tmp_path / "results" / saved.id / "result.parquet").unlink()
    with pytest.raises(NotFound):
        store.table(saved.id)
