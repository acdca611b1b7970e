"""P1, a cone of 6': the whole stack beside bare q3c SQL, DaCHS over HTTP and LSDB; and where our time goes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import dask
import numpy as np
import psutil
import psycopg
import pytest
import sky as made
from figures import Figure, Report, quantiles
from lsdb.loaders.hats.read_hats import open_catalog
from peers import hats_import, postgresql
from peers.dachs import Dachs, dachs
from sky import Sky
from stack import PORTAL, Client, Stack, drained, rows_of, seconds_of, timed

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.duckdb import LockedDatabase
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.engine.plan import Step
from uraniborg_portal.formats import votable
from uraniborg_portal.settings import QueryLimits

pytestmark = pytest.mark.timeout(7200)
RADIUS = 0.1
ROUNDS, LSDB_ROUNDS = 60, 10
ADQL = " ".join(["SELECT * FROM {table} WHERE", "1 = CONTAINS(POINT(ra, dec), CIRCLE({ra}, {dec}, {radius}))"])
SQL = " ".join(["SELECT * FROM sky.{table} WHERE", "q3c_radial_query(ra, dec, %s, %s, %s)"])
PLACES = {"average": (made.MEAN, 1.0), "crowded": (made.CENTRE, 0.3)}
"""Places, and the radius, degrees, within which cones lie: of the sky's mean density, and of its highest (at 10 M stars
that of Gaia DR3's mean, 1,370 rows in a cone of 6')."""
LIMITS = QueryLimits()
Cone = tuple[float, float]
Done = TypeVar("Done")


@pytest.fixture(scope="module")
def published(sky: Sky, postgres: postgresql.Server) -> Iterator[Dachs]:
    """DaCHS with the same tables of the same server."""
    with dachs(postgres, sky.folder / "dachs", {"stars": sky.stars, "wide": sky.wide}) as running:
        yield running


@dataclass(frozen=True, kw_only=True)
class Timed:
    """What one contestant took: seconds of each cone, processor seconds of all."""

    wall: list[float]
    cpu: list[float]

    @property
    def milliseconds(self) -> float:
        """Processor time of one cone, ms."""
        return 1000 * sum(self.cpu) / len(self.cpu)


def in_turns(
    cones: list[Cone], asked: dict[str, Callable[[Cone], object]], cpu: Callable[[], dict[str, float]]
) -> dict[str, Timed]:
    """Ask each contestant each cone, in turns; the first three don't count."""
    taken = {name: Timed(wall=[], cpu=[]) for name in asked}
    for number, cone in enumerate(cones):
        for name, ask in asked.items():
            before = cpu()[name]
            wall = timed(partial(ask, cone))
            if number >= 3:
                taken[name].wall.append(wall)
                taken[name].cpu.append(cpu()[name] - before)
    return taken


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("table", ["stars", "wide"])
def test_cone(
    stack: Stack, postgres: postgresql.Server, published: Dachs, report: Report, table: str, where: str
) -> None:
    """In turns: `SELECT *` of the same cones."""
    cones = made.places(*PLACES[where], ROUNDS)
    ours, theirs, bare = stack.client(), Client(published.url, {"Accept-Encoding": "identity"}), postgres.connect()
    backend = psutil.Process(bare.info.backend_pid)

    def sql(cone: Cone) -> psycopg.Cursor:
        # In binary, and left as libpq has it: nothing of it becomes Python's.
        return bare.execute(SQL.format(table=table).encode(), (*cone, RADIUS), binary=True)

    def of_dachs(cone: Cone) -> bytes:
        adql = ADQL.format(table=f"sky.{table}", ra=cone[0], dec=cone[1], radius=RADIUS)
        return theirs.query(adql, "tap/sync", MAXREC="100000")

    def of_ours(cone: Cone) -> bytes:
        return ours.query(ADQL.format(table=table, ra=cone[0], dec=cone[1], radius=RADIUS))

    rows = [sql(cone).rowcount for cone in cones[:10]]
    assert rows == [rows_of(of_ours(cone)) for cone in cones[:10]]

    def cpu() -> dict[str, float]:
        dachs_pids = [published.process.pid, *(c.pid for c in psutil.Process(published.process.pid).children())]
        return {
            "ours": sum(stack.cpu().values()),
            "sql": seconds_of(backend),
            "dachs": sum(seconds_of(psutil.Process(pid)) for pid in dachs_pids),
        }

    parts = stack.cpu()
    taken = in_turns(cones, {"ours": of_ours, "sql": sql, "dachs": of_dachs}, cpu)
    parts = {part: 1000 * (used - parts[part]) / len(cones) for part, used in stack.cpu().items()}
    name = f"cone.{made.rows_wanted() / 1e6:g}M.{table}.{where}"
    report.note(f"{name}: {np.mean(rows):.0f} rows a cone, {len(of_ours(cones[0])):,} bytes")
    report.add(*quantiles(f"{name}.q3c", taken["ours"].wall, "bare q3c SQL", taken["sql"].wall, {50: "<= 4"}))
    report.add(*quantiles(f"{name}.dachs", taken["ours"].wall, "DaCHS, TAP", taken["dachs"].wall, {50: "<= 0.33"}))
    for peer in ("sql", "dachs"):
        report.add(
            Figure(name=f"{name}.{peer}.cpu", unit="ms", ours=taken["ours"].milliseconds, peer="its processor time",
                   theirs=taken[peer].milliseconds)
        )  # fmt: skip
    report.note(f"{name}: processor ms a cone by part: {shown(parts)}")


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("table", ["stars", "wide"])
def test_lsdb(sky: Sky, stack: Stack, report: Report, table: str, where: str) -> None:
    """In turns: the same cones by LSDB over the same files, in a process that has the catalog open.

    Of the stars also over files that hats-import makes with its defaults: our small row groups make LSDB faster.
    """
    roots = {"LSDB in process": CatalogRegistry(sky.catalogs).collection(table).root}
    if table == "stars":
        roots["LSDB, hats-import's files"] = hats_import.catalog(sky.stars, sky.folder / "hats-import")
    opened = {peer: open_catalog(root) for peer, root in roots.items()}
    ours = stack.client()

    def of_lsdb(peer: str, cone: Cone) -> int:
        with dask.config.set(scheduler="threads"):
            return len(opened[peer].cone_search(*cone, RADIUS * 3600).compute(progress_bar=False))

    def of_ours(cone: Cone) -> bytes:
        return ours.query(ADQL.format(table=table, ra=cone[0], dec=cone[1], radius=RADIUS))

    cones = made.places(*PLACES[where], LSDB_ROUNDS + 3, made.SEED + 7)
    assert {of_lsdb(peer, cones[0]) for peer in opened} == {rows_of(of_ours(cones[0]))}

    def cpu() -> dict[str, float]:
        return {"ours": sum(stack.cpu().values())} | dict.fromkeys(opened, time.process_time())

    taken = in_turns(cones, {"ours": of_ours} | {peer: partial(of_lsdb, peer) for peer in opened}, cpu)
    name = f"cone.{sky.rows / 1e6:g}M.{table}.{where}.lsdb"
    for peer in opened:
        report.add(*quantiles(name, taken["ours"].wall, peer, taken[peer].wall, {50: "<= 0.1"}))
        report.add(
            Figure(name=f"{name}.cpu", unit="ms", ours=taken["ours"].milliseconds, peer=f"{peer}, processor time",
                   theirs=taken[peer].milliseconds)
        )  # fmt: skip


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("table", ["stars", "wide"])
def test_stages(sky: Sky, stack: Stack, report: Report, table: str, where: str) -> None:
    """Where a cone's time goes: the same cones through less and less of the stack, in turns."""
    cones = made.places(*PLACES[where], ROUNDS)
    catalogs = CatalogRegistry(sky.catalogs)
    engine = Engine(catalogs, LIMITS, sky.folder / "spill")
    engine.start()
    folders = [catalogs.collection(each).primary for each in catalogs.names()]
    free = LockedDatabase(folders, memory=LIMITS.memory, spill=engine.spill, spill_megabytes=LIMITS.spill_megabytes)
    proxied, behind, nobody = stack.client(), stack.client(stack.behind), stack.client(stack.behind, signed_in=False)
    taken: dict[str, list[float]] = {}

    def stage(name: str, work: Callable[[], Done]) -> Done:
        began = time.perf_counter()
        done = work()
        taken.setdefault(name, []).append(time.perf_counter() - began)
        return done

    def unconfined(step: Step) -> int:
        with free.answer(step.statement, {}) as rows:
            return int(rows.read_all().num_rows)

    for cone in cones:
        adql = ADQL.format(table=table, ra=cone[0], dec=cone[1], radius=RADIUS)
        stage("health behind the proxy", partial(behind.get, f"{PORTAL}api/health"))
        stage("health through the proxy", partial(proxied.get, f"{PORTAL}api/health"))
        stage("who asks, behind the proxy", partial(behind.get, f"{PORTAL}api/me"))
        stage("whole, nobody, behind the proxy", partial(nobody.query, adql))
        stage("whole, signed in, behind the proxy", partial(behind.query, adql))
        stage("whole, signed in, through the proxy", partial(proxied.query, adql))
        stage("engine: tables", engine.tables)
        stage("engine: check (tables, parse, bind)", partial(engine.check, adql))
        plan = engine.plan(adql, LIMITS.default_rows)
        stage("engine: plan (check, cover, files)", partial(engine.plan, adql, LIMITS.default_rows))
        stage("engine: answer (worker)", partial(drained, engine, plan))
        stage("the same step in process", partial(unconfined, plan.steps[0]))
        result = stage("engine: run", partial(engine.run, adql, LIMITS.default_rows))
        stage("write BINARY2", partial(written, result))
    engine.close()
    whole = float(np.median(taken["whole, signed in, through the proxy"]))
    for name, seconds in taken.items():
        middle = float(np.median(seconds))
        report.add(
            Figure(name=f"stage.{table}.{where}", unit="ms", ours=1000 * middle, peer=name, theirs=1000 * whole,
                   asked="theirs is the whole")
        )  # fmt: skip
    assert math.isfinite(whole)


def written(result: QueryResult) -> bytes:
    """The document of a result."""
    return b"".join(votable.binary2(result))


def shown(parts: dict[str, float]) -> str:
    """Parts and their values in one line."""
    return ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
