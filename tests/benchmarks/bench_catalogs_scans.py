"""P2 and P3: a filter with aggregates, and an all-sky density map, over every star; beside PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import psutil
import psycopg
import pytest
from figures import Figure, Report, quantiles
from peers import postgresql
from sky import Sky
from stack import Stack, drained, rows_of, seconds_of, timed

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.duckdb import LockedDatabase
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.settings import QueryLimits

pytestmark = pytest.mark.timeout(7200)
ROUNDS = 7
SOURCE = "FROM {table} WHERE phot_g_mean_mag < 14.5 AND parallax > 0.5 AND ruwe < 1.2"
FILTERED = " ".join(
    ["SELECT COUNT(*) AS n, AVG(bp_rp) AS colour, MIN(parallax) AS nearest, MAX(pmra) AS fastest", SOURCE]
)
ADQL = {
    "filter": FILTERED.format(table="stars"),
    "map": "SELECT ivo_healpix_index(8, ra, dec) AS cell, COUNT(*) AS n FROM stars GROUP BY cell",
}
SQL = {
    "filter": FILTERED.format(table="sky.stars"),
    "map": "SELECT healpix_8 AS cell, COUNT(*) AS n FROM sky.stars GROUP BY healpix_8",
}
ASKED = {"filter": "<= 0.33", "map": "<= 0.1"}
LIMITS = QueryLimits()


@pytest.mark.parametrize("what", ADQL)
def test_scan(sky: Sky, stack: Stack, postgres: postgresql.Server, report: Report, what: str) -> None:
    """In turns: ours by TAP, PostgreSQL with its workers; then the same SQL of ours without the stack."""
    ours, bare = stack.client(), postgres.connect()
    server = psutil.Process(postgres.process.pid)

    def sql() -> psycopg.Cursor:
        return bare.execute(SQL[what].encode(), binary=True)

    def of_ours() -> bytes:
        return ours.query(ADQL[what], MAXREC="1000000")

    # The manual's own way to a fair scan: what fits is in its buffers, and a scan has its workers.
    assert sql().rowcount == rows_of(of_ours())
    walls: dict[str, list[float]] = {"ours": [], "sql": [], "engine": [], "duckdb": []}
    used = {"ours": 0.0, "sql": 0.0}
    catalogs = CatalogRegistry(sky.catalogs)
    engine = Engine(catalogs, LIMITS, sky.folder / "spill")
    engine.start()
    plan = engine.plan(ADQL[what], LIMITS.maximum_rows)
    folders = [catalogs.collection(each).primary for each in catalogs.names()]
    free = LockedDatabase(folders, memory=LIMITS.memory, spill=engine.spill, spill_megabytes=LIMITS.spill_megabytes)

    def unconfined() -> int:
        step = plan.steps[0]
        with free.answer(step.statement, {}) as rows:
            return int(rows.read_all().num_rows)

    contestants: tuple[tuple[str, Callable[[], object], Callable[[], float]], ...] = (
        ("ours", of_ours, lambda: sum(stack.cpu().values())),
        ("sql", sql, lambda: family(server)),
    )
    for _ in range(ROUNDS):
        for name, work, cpu in contestants:
            before = cpu()
            walls[name].append(timed(work))
            used[name] += (cpu() - before) / ROUNDS
        walls["engine"].append(timed(partial(drained, engine, plan)))
        walls["duckdb"].append(timed(unconfined))
    engine.close()
    name = f"scan.{what}.{sky.rows / 1e6:g}M"
    report.add(*quantiles(name, walls["ours"], "PostgreSQL", walls["sql"], {50: ASKED[what]}))
    report.add(
        Figure(name=f"{name}.cpu", unit="s", ours=used["ours"], peer="its processor time", theirs=used["sql"]),
        *quantiles(f"{name}.worker", walls["engine"], "DuckDB in process, same SQL", walls["duckdb"]),
    )
    bare.close()


def family(server: psutil.Process) -> float:
    """Processor seconds of a server and of its processes, those that ended among them."""
    times = server.cpu_times()
    living = sum(seconds_of(child) for child in server.children())
    return float(times.children_user + times.children_system) + living + seconds_of(server)


def test_one_thread_less(sky: Sky, report: Report) -> None:
    """What a scan spends on reading: columns of the filter alone, counted."""
    engine = Engine(CatalogRegistry(sky.catalogs), LIMITS, sky.folder / "spill")
    engine.start()
    asked: dict[str, str] = {
        "one column": "SELECT COUNT(ruwe) AS n FROM stars WHERE ruwe < 1.2",
        "filter": ADQL["filter"],
        "cells of order 8": "SELECT COUNT(DISTINCT ivo_healpix_index(8, ra, dec)) AS n FROM stars",
        "map": ADQL["map"],
    }
    walls: dict[str, list[float]] = {name: [] for name in asked}
    works: dict[str, Callable[[], object]] = {
        name: partial(drained, engine, engine.plan(adql, LIMITS.maximum_rows)) for name, adql in asked.items()
    }
    for _ in range(ROUNDS):
        for name, work in works.items():
            walls[name].append(timed(work))
    engine.close()
    for name, taken in walls.items():
        report.add(*quantiles(f"scan.{name.replace(' ', '_')}", taken, "the filter", walls["filter"])[:1])
