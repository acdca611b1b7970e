"""A query gives the same rows in one step and in many, whatever it asks; what can't be cut is answered as a whole."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.allowance import Allowance, Stop
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.upload import Upload, upload_of
from uraniborg_portal.errors import QueryRefused, QueryStopped, TookTooLong
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits

Engines = tuple[Engine, Engine]
MOST = 200_000


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """One that cuts a query into many steps, and one that cuts none."""
    home = tmp_path_factory.mktemp("scatter")
    install_samples(home / "catalogs")
    registry = CatalogRegistry(home / "catalogs")
    values = (8_000, 1_000_000_000)
    cut, whole = (Engine(registry, QueryLimits(seconds=60, step_values=each), home / f"spill{each}") for each in values)
    yield cut, whole
    cut.close()
    whole.close()


def same(one: pa.Table, other: pa.Table, *, sort: bool) -> None:
    assert one.schema == other.schema
    rows = [list(table.to_pydict().values()) for table in (one, other)]
    first, second = ([tuple(row) for row in zip(*columns, strict=True)] for columns in rows)
    if sort:
        first, second = (sorted(each, key=order) for each in (first, second))
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        assert all(x == y or (is_float(x, y) and math.isclose(x, y, rel_tol=1e-9)) for x, y in zip(a, b, strict=True))


def order(row: tuple[object, ...]) -> str:
    """Gives rows an order; -0.0 is 0.0."""
    return repr([value + 0.0 if isinstance(value, float) else value for value in row])


def is_float(*values: object) -> bool:
    return all(isinstance(value, float) for value in values)


ROWS = {
    "rows": "SELECT hip, ra + 1 AS x FROM hipparcos WHERE vmag < 4",
    "functions of rows": "SELECT hip, ROUND(LOG10(parallax), 3) AS d FROM hipparcos WHERE parallax > 50",
    "nothing": "SELECT hip FROM hipparcos WHERE vmag + 1 > 90",
    "nothing, as zones know": "SELECT hip FROM hipparcos WHERE vmag > 90",
    "different values": "SELECT DISTINCT ROUND(vmag, 0) AS v FROM hipparcos",
    "an area": "SELECT hip FROM hipparcos WHERE dec BETWEEN -30 AND 40 AND vmag < 6",
    "one group": "SELECT COUNT(*), SUM(hip), AVG(vmag), MIN(ra), MAX(dec), COUNT(bv) FROM hipparcos WHERE ra < 300",
    "no row in one group": "SELECT COUNT(*) AS n, SUM(hip), AVG(vmag), MAX(ra) FROM hipparcos WHERE vmag + 1 > 90",
    "groups": "SELECT ROUND(vmag, 0) AS v, COUNT(*) AS n, AVG(parallax) AS p FROM hipparcos GROUP BY ROUND(vmag, 0)",
    "groups on the sky": "SELECT ivo_healpix_index(3, ra, dec) AS p, COUNT(*) AS n FROM hipparcos GROUP BY p",
    "values of groups": "SELECT 1 + MAX(hip) - MIN(hip) AS range FROM hipparcos GROUP BY FLOOR(dec / 30)",
    "different values in groups": "SELECT FLOOR(dec / 30) AS d, COUNT(DISTINCT ROUND(vmag, 0)) AS n, COUNT(*) AS m, "
    "SUM(DISTINCT ROUND(vmag, 0)) AS s, AVG(DISTINCT ROUND(vmag, 0)) AS a FROM hipparcos GROUP BY FLOOR(dec / 30)",
    "groups that are many": "SELECT ROUND(dec, 0) AS d FROM hipparcos GROUP BY ROUND(dec, 0) HAVING COUNT(*) > 900",
    "texts": "SELECT type, MIN(name) AS least, COUNT(*) AS n FROM openngc GROUP BY type",
    "pairs": "SELECT a.hip AS a, b.hip AS b FROM hipparcos a JOIN hipparcos b "
    "ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.005 WHERE a.hip < b.hip",
    "pairs counted": "SELECT COUNT(*) AS n, MIN(a.vmag) AS m FROM hipparcos a JOIN openngc b "
    "ON 1 = CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, 0.05))",
    "all of one side": "SELECT b.name, a.hip FROM openngc b LEFT JOIN hipparcos a "
    "ON DISTANCE(POINT(a.ra, a.dec), POINT(b.ra, b.dec)) < 0.02 WHERE b.dec > 60",
    "kept by the other side": "SELECT b.name, a.hip FROM hipparcos a RIGHT JOIN openngc b "
    "ON DISTANCE(POINT(a.ra, a.dec), POINT(b.ra, b.dec)) < 0.02 WHERE b.dec > 60",
    "three tables": "SELECT a.hip, b.name, c.hip AS c FROM hipparcos a "
    "JOIN openngc b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.1 "
    "JOIN hipparcos c ON DISTANCE(c.ra, c.dec, b.ra, b.dec) < 0.1 WHERE a.hip <> c.hip",
    "moved stars": "SELECT a.hip, b.hip AS b FROM hipparcos a JOIN hipparcos b ON DISTANCE("
    "ivo_epoch_prop_pos(a.ra, a.dec, a.parallax, a.pmra, a.pmdec, 0, 1991.25, 2016), POINT(b.ra, b.dec)) < 0.001",
    "a sub-query": "SELECT hip FROM hipparcos WHERE vmag < 4 AND hip IN (SELECT hip FROM hipparcos WHERE dec > 5)",
    "two sets": "SELECT hip FROM hipparcos WHERE vmag < 2 UNION SELECT hip FROM hipparcos WHERE parallax > 200",
    "joined by a name": "SELECT a.hip, b.dec FROM hipparcos a JOIN hipparcos b ON a.hip = b.hip WHERE a.vmag < 3",
    "joined by a value": "SELECT a.hip FROM hipparcos a JOIN hipparcos b ON a.vmag = b.vmag WHERE a.vmag < 3",
}
SORTED = {
    "sorted": "SELECT hip, vmag FROM hipparcos WHERE vmag < 3 ORDER BY vmag DESC, hip",
    "the first": "SELECT TOP 7 hip FROM hipparcos ORDER BY vmag, hip",
    "some are skipped": "SELECT TOP 5 hip, ra + 1 AS x FROM hipparcos WHERE vmag < 3 ORDER BY 2 OFFSET 9",
    "all but some": "SELECT hip FROM hipparcos WHERE vmag < 3 ORDER BY hip OFFSET 100",
    "NULL is the largest": "SELECT TOP 400 name, major_axis FROM openngc ORDER BY major_axis DESC, name",
    "different values sorted": "SELECT DISTINCT ROUND(vmag, 0) AS v FROM hipparcos ORDER BY v DESC",
    "groups sorted": "SELECT TOP 5 COUNT(*) AS n, ROUND(dec, 0) AS d FROM hipparcos GROUP BY d ORDER BY n DESC, d",
    "groups by hidden values": "SELECT ROUND(dec, -1) AS d FROM hipparcos GROUP BY d ORDER BY AVG(vmag) OFFSET 3",
}
WHOLE = {"a sub-query", "two sets", "joined by a value", "kept by the other side", "nothing, as zones know"}


@pytest.mark.parametrize("name", [*ROWS, *SORTED])
def test_steps_give_what_the_whole_gives(engines: Engines, name: str) -> None:
    cut, whole = engines
    adql = (ROWS | SORTED)[name]
    assert (len(cut.plan(adql, MOST).steps) > 1) is (name not in WHOLE)
    assert len(whole.plan(adql, MOST).steps) == 1
    same(cut.run(adql, MOST).table, whole.run(adql, MOST).table, sort=name in ROWS)


VALUE = st.sampled_from(["vmag", "parallax", "hip", "ra - 180", "ROUND(dec, -1)", "vmag * parallax", "bv"])
GROUP = st.sampled_from(["ROUND(vmag, 0)", "FLOOR(dec / 20)", "ivo_healpix_index(2, ra, dec)", "ROUND(parallax, -1)"])
OF_ALL = st.builds("{}({})".format, st.sampled_from(["COUNT", "SUM", "MIN", "MAX", "AVG"]), VALUE)
AGGREGATE = OF_ALL | st.builds("{}(DISTINCT {})".format, st.sampled_from(["COUNT", "MAX"]), GROUP)
WHERE = st.sampled_from(["", "WHERE vmag < 5", "WHERE dec > 20 OR parallax IS NULL", "WHERE ra BETWEEN 100 AND 240"])


@st.composite
def grouped(draw: st.DrawFn) -> str:
    groups = draw(st.lists(GROUP, max_size=2, unique=True))
    aggregates = draw(st.lists(AGGREGATE, min_size=1, max_size=4))
    having = draw(st.sampled_from(["", f"HAVING {aggregates[0]} > 3", "HAVING COUNT(*) > 10"]))
    by = " ".join(["GROUP BY", ", ".join(groups)]) if groups else ""
    return " ".join(["SELECT", ", ".join([*groups, *aggregates]), "FROM hipparcos", draw(WHERE), by, having])


@settings(max_examples=25, deadline=None)
@given(adql=grouped())
def test_any_groups_of_steps_are_those_of_the_whole(engines: Engines, adql: str) -> None:
    cut, whole = engines
    same(cut.run(adql, MOST).table, whole.run(adql, MOST).table, sort=True)


def test_a_limit_ends_the_steps(engines: Engines) -> None:
    cut, _ = engines
    result = cut.run("SELECT hip FROM hipparcos", 10)
    assert (result.table.num_rows, result.overflow) == (10, True)
    none = cut.run("SELECT hip FROM hipparcos", 0)
    assert (none.table.num_rows, none.overflow) == (0, True)


@pytest.mark.parametrize(("top", "most"), [(1, MOST), (7, 20_000), (2_000, 20_000), (20_000, 20_000), (0, 5), (7, 6)])
def test_top_is_of_all_steps_together(engines: Engines, top: int, most: int) -> None:
    cut, whole = engines
    adql = " ".join(["SELECT TOP", str(top), "hip FROM hipparcos WHERE vmag < 9"])
    plan = cut.plan(adql, most)
    assert len(plan.steps) > 1
    assert plan.gather is None
    results = [engine.run(adql, most) for engine in (cut, whole)]
    assert {(result.table.num_rows, result.overflow) for result in results} == {(min(top, most), top > most)}


def uploaded(ra: list[float | None], dec: list[float | None]) -> Upload:
    return upload_of("mine", pa.table({"id": range(len(ra)), "x": ra, "y": dec, "r": [0.5] * len(ra)}), {})


@pytest.mark.parametrize(
    "condition",
    [
        "DISTANCE(s.ra, s.dec, t.x, t.y) < 0.5",
        "1 = CONTAINS(POINT(s.ra, s.dec), CIRCLE(t.x, t.y, 0.5))",
        "1 = CONTAINS(POINT(s.ra, s.dec), CIRCLE(t.x, t.y, t.r))",
        "1 = INTERSECTS(CIRCLE(s.ra, s.dec, 0.25), CIRCLE(t.x, t.y, 0.25))",
    ],
)
def test_a_table_that_came_with_a_query_says_where_to_look(engines: Engines, condition: str) -> None:
    cut, whole = engines
    targets = uploaded([83.8, 83.9, -276.2, None, 10.0], [-5.4, -5.5, -5.4, 3.0, None])
    adql = " ".join(["SELECT t.id, s.hip FROM TAP_UPLOAD.mine t JOIN hipparcos s ON", condition])
    explained = whole.explain(adql, MOST, [targets]).tables
    ((shards, of_shards),) = ((each.shards, each.of_shards) for each in explained if each.table == "hipparcos")
    assert shards < of_shards / 2
    rows = whole.run(adql, MOST, uploads=[targets]).table
    assert set(rows["id"].to_pylist()) == {0, 1, 2}
    same(rows, cut.run(adql, MOST, uploads=[targets]).table, sort=True)


def test_what_is_asked_of_one_table_narrows_those_near_it(engines: Engines) -> None:
    _, whole = engines
    near = "DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.1"
    cone = "1 = CONTAINS(POINT(b.ra, b.dec), CIRCLE(83.8, -5.4, 1))"
    tables = {
        " ".join(["hipparcos a JOIN openngc b ON", near]): {"hipparcos", "openngc"},
        " ".join(["openngc b LEFT JOIN hipparcos a ON", near]): {"hipparcos", "openngc"},
        " ".join(["hipparcos a LEFT JOIN openngc b ON", near, "AND", cone]): {"openngc"},
    }
    for number, (table, narrowed) in enumerate(tables.items()):
        where = " ".join(["WHERE", cone]) if number < 2 else ""
        plan = whole.plan(" ".join(["SELECT a.hip, b.name FROM", table, where]), MOST)
        assert {reading.catalog for reading in plan.readings if reading.shards < reading.of_shards} == narrowed


@pytest.mark.parametrize("engine", [0, 1], ids=["in steps", "at once"])
def test_what_goes_wrong_before_rows_is_raised_before_rows_are_taken(engines: Engines, engine: int) -> None:
    with pytest.raises(QueryRefused, match="out of range"):
        engines[engine].stream("SELECT CAST(hip + 100000 AS SMALLINT) AS v FROM hipparcos", MOST)


def test_scans_that_run_together_give_what_each_gives_alone(engines: Engines) -> None:
    cut, whole = engines
    queries = [*ROWS.values()][::3] * 2
    with ThreadPoolExecutor(8) as threads:
        for query, found in zip(queries, threads.map(lambda each: cut.run(each, MOST).table, queries), strict=True):
            same(found, whole.run(query, MOST).table, sort=True)


@pytest.mark.parametrize("query", ["SELECT a.hip FROM hipparcos a, hipparcos b", "SELECT COUNT(*) AS n FROM SLOW"])
def test_a_scan_that_is_stopped_ends_with_all_its_steps(engines: Engines, query: str) -> None:
    slow = "hipparcos a JOIN hipparcos b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 3 WHERE a.vmag + b.vmag = 0.123"
    stop, seen = Stop(), threading.Event()

    def progress(done: int, of: int) -> None:
        seen.set()

    allowance = Allowance(seconds=600, stop=stop, progress=progress)
    with ThreadPoolExecutor(1) as threads:
        asked = query.replace("SLOW", slow).replace("hipparcos a, hipparcos b", slow)
        running = threads.submit(engines[0].run, asked, MOST, allowance)
        assert seen.wait(60)
        stop.ask()
        asked_at = time.monotonic()
        with pytest.raises(QueryStopped):
            running.result(timeout=20)
    assert time.monotonic() - asked_at < 10
    # What ran is ended: the lane is free for the next.
    assert engines[0].run("SELECT COUNT(*) AS n FROM hipparcos WHERE vmag + 1 < 90", 10).table["n"].to_pylist() == [
        117_955
    ]


def test_the_time_limit_is_that_of_all_steps_together(engines: Engines) -> None:
    slow = "SELECT COUNT(*) AS n FROM hipparcos a JOIN hipparcos b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 20"
    with pytest.raises(TookTooLong, match="stopped after 2 s"):
        engines[0].run(slow, 10, Allowance(seconds=2))
