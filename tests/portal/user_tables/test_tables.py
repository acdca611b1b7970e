"""What is done to tables is done whole or not at all: also when it is stopped, or others come first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from uraniborg_portal.context import ProcessContext, build
from uraniborg_portal.engine.allowance import Allowance, Stop
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.reach import Reach
from uraniborg_portal.errors import Conflict, NotFound, QueryStopped, TooLarge, TooMany
from uraniborg_portal.identity.models import User
from uraniborg_portal.settings import QueryLimits, Settings
from uraniborg_portal.user_tables import parts as parts_of_tables
from uraniborg_portal.user_tables import tables as verbs
from uraniborg_portal.user_tables.definition import definition_of
from uraniborg_portal.user_tables.models import Index, Part, Sharing, UserTable
from uraniborg_portal.user_tables.tables import NewPart, appended, replaced
from uraniborg_portal.user_tables.updates import Update

TYCHO = User(name="tycho", groups=frozenset({"hven"}))
NAME = "tycho.stars"
PARTS = tuple(Part(name=name, rows=1, bytes=1) for name in "abc")
NEW = NewPart(part=Part(name="new", rows=2, bytes=2), values=())
TABLE = UserTable(id="0" * 32, owner="tycho", name=NAME, description="", columns=(), parts=PARTS[:2], created=0.0)
UNIQUE = replace(TABLE, indexes=(Index(column="n", unique=True),))


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessContext]:
    """What a portal holds, with nobody who asks."""
    made = build(Settings(home=tmp_path_factory.mktemp("verbs"), network=False))
    yield made
    made.engine.close()
    made.database.dispose()


@pytest.fixture
def context(process: ProcessContext, definition: bytes) -> Iterator[ProcessContext]:
    """The same, with a table of some rows, which is gone at the end."""
    process.user_tables.create(TYCHO, NAME, definition_of(definition))
    load(process, n=[3, 1, 2])
    yield process
    process.user_tables.remove(TYCHO, NAME)


def load(context: ProcessContext, **columns: object) -> UserTable:
    """The table with rows more."""
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    return context.user_tables.load(TYCHO, NAME, written.getvalue(), context.engine)


def index(context: ProcessContext, column: str, stop: Stop | None = None) -> UserTable:
    """The table with an index more."""
    wanted = Update(table=NAME, column=column, unique=False)
    return context.user_tables.index(TYCHO, wanted, context.engine, Allowance(seconds=60, stop=stop or Stop()))


def files(context: ProcessContext) -> set[Path]:
    """All files of tables."""
    return set(context.user_tables.parts.folder.rglob("*.parquet"))


def current(context: ProcessContext) -> set[Path]:
    """Those that queries which begin now read."""
    table = context.user_tables.readable_table(NAME, TYCHO)
    return {path for path, _ in context.user_tables.parts.files(table)}


def test_what_an_index_replaces_stays_as_long_as_a_query_may_read_it(
    context: ProcessContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current(context)
    index(context, "n")
    assert files(context) == before | current(context)
    between = current(context)
    index(context, "name")
    assert files(context) == between | current(context), "of two indexes the first one's files are gone"
    monkeypatch.setattr(parts_of_tables, "LEFT", -60.0)
    context.user_tables.clean()
    assert files(context) == between | current(context)
    monkeypatch.setattr(context.user_tables, "longest_query", -60.0)
    context.user_tables.clean()
    assert files(context) == current(context)


def test_an_index_that_is_stopped_leaves_the_table_as_it_was(context: ProcessContext) -> None:
    before, stop = files(context), Stop()
    stop.ask()
    with pytest.raises(QueryStopped):
        index(context, "n", stop)
    assert files(context) == before
    assert not context.user_tables.readable_table(NAME, TYCHO).indexes


def test_a_table_that_is_larger_than_an_answer_may_be_has_no_index(
    context: ProcessContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before, limits = files(context), QueryLimits(result_megabytes=1)
    load(context, name=[f"{n:020}" for n in range(60_000)])
    spill = tmp_path_factory.mktemp("spill")
    engine = Engine(context.catalogs, limits, spill, reach=Reach(kept_in=context.user_tables.parts.folder))
    wanted = Update(table=NAME, column="name", unique=False)
    with pytest.raises(TooLarge, match="too large for an index"):
        context.user_tables.index(TYCHO, wanted, engine, Allowance(seconds=60))
    engine.close()
    assert len(files(context)) == len(before) + 1


def test_rows_are_sorted_along_the_curve_where_a_column_of_the_position_is_indexed(context: ProcessContext) -> None:
    sky = np.random.default_rng(1)
    load(context, ra=sky.random(30_000) * 360, dec=sky.random(30_000) * 180 - 90)
    index(context, "dec")
    (path,) = current(context)
    cells = pq.read_table(path)["_healpix_29"]
    known = cells.drop_null().to_numpy()
    assert cells.null_count == 3
    assert np.all(np.diff(known) >= 0)
    assert pq.read_metadata(path).num_row_groups > 2


def test_a_table_that_is_removed_while_it_is_loaded_leaves_nothing(context: ProcessContext, definition: bytes) -> None:
    tables = context.user_tables
    table = tables.readable_table(NAME, TYCHO)
    tables.remove(TYCHO, NAME)
    with pytest.raises(NotFound, match="removed meanwhile"):
        tables.store.change(table, lambda now: now)
    tables.create(TYCHO, NAME, definition_of(definition))
    with pytest.raises(Conflict):
        tables.create(TYCHO, NAME, definition_of(definition))
    assert files(context) == current(context)
    assert {path.name for path in tables.parts.folder.iterdir()} == {tables.readable_table(NAME, TYCHO).id}


def test_a_part_is_added_to_what_the_table_is_now() -> None:
    now = replace(TABLE, parts=PARTS, version=7)
    assert appended(TABLE, NEW)(now).parts == (*PARTS, NEW.part)
    with pytest.raises(Conflict):
        appended(UNIQUE, NEW)(replace(UNIQUE, version=7))


def test_so_many_parts_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "MOST_PARTS", 2)
    with pytest.raises(TooMany, match="2 times"):
        appended(TABLE, NEW)(TABLE)


@pytest.mark.parametrize("shared", [Sharing(), Sharing(read_group="hven")])
def test_an_index_takes_the_place_of_the_parts_that_it_has_read(shared: Sharing) -> None:
    wanted = replace(TABLE, indexes=(Index(column="n", unique=False),))
    after = replaced(wanted, TABLE, NEW)(replace(TABLE, parts=PARTS, sharing=shared))
    assert (after.parts, after.indexes, after.retired) == ((NEW.part, PARTS[2]), wanted.indexes, ("a", "b"))
    assert after.sharing == shared


@pytest.mark.parametrize(
    ("wanted", "now"),
    [(UNIQUE, replace(TABLE, parts=PARTS)), (TABLE, replace(TABLE, parts=PARTS[1:])), (TABLE, UNIQUE)],
)
def test_an_index_gives_way_to_what_came_first(wanted: UserTable, now: UserTable) -> None:
    with pytest.raises(Conflict):
        replaced(wanted, TABLE, NEW)(now)
