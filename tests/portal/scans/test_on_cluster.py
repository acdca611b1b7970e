"""Steps of long queries on a real scheduler and real workers over TLS: the same rows, and all of it ends."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pyarrow as pa
import pytest
from dask_on_loopback import TOKEN

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.cluster.broker import Broker as BrokerClient
from uraniborg_portal.cluster.standing import StandingCluster
from uraniborg_portal.engine.allowance import Allowance, Stop
from uraniborg_portal.engine.confined import ConfinedWorkers
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.reach import Reach
from uraniborg_portal.engine.upload import Upload, upload_of
from uraniborg_portal.errors import BadParameter, QueryRefused, QueryStopped, TookTooLong, Unavailable
from uraniborg_portal.main import create_app
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.scans.on_cluster import ClusterSteps
from uraniborg_portal.settings import QueryLimits, Settings

if TYPE_CHECKING:
    from dask_on_loopback import Broker

pytestmark = pytest.mark.timeout(300)

MOST = 200_000
LIMITS = QueryLimits(seconds=240, step_values=30_000, scan_processes=2)
SLOW = "SELECT COUNT(*) AS n FROM hipparcos a JOIN hipparcos b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 30"


@asynccontextmanager
async def engine_on(broker: Broker, home: Path) -> AsyncIterator[Engine]:
    """An engine whose long queries run on the broker's cluster."""
    if not (home / "catalogs").exists():
        install_samples(home / "catalogs")
    registry, cluster = CatalogRegistry(home / "catalogs"), StandingCluster(BrokerClient(broker.url, TOKEN))
    cluster.start()
    order = ConfinedWorkers(registry, LIMITS, home / "spill", scans=True).order
    made = Engine(registry, LIMITS, home / "spill", reach=Reach(step_table=ClusterSteps(cluster, order).table))
    yield made
    await cluster.close()
    made.close()


def query_processes(worker: psutil.Process) -> list[psutil.Process]:
    """The processes of a worker that answer steps."""
    found = []
    for each in worker.children():
        with contextlib.suppress(psutil.Error):
            found += [each] if "uraniborg_portal.engine.worker" in each.cmdline() else []
    return found


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.02)


def rows(table: pa.Table) -> list[tuple[object, ...]]:
    """The rows in an order of their own; sums of floats are those of any order of adding."""
    found = zip(*(column.to_pylist() for column in table.columns), strict=True)
    shown = ([float(f"{each:.10g}") if isinstance(each, float) else each for each in row] for row in found)
    return sorted((tuple(row) for row in shown), key=repr)


QUERIES = [
    "SELECT hip, ra + 1 AS x FROM hipparcos WHERE vmag < 5",
    "SELECT hip FROM hipparcos WHERE vmag + 1 > 90",
    "SELECT COUNT(*) AS n, SUM(hip) AS s, AVG(vmag) AS v, MIN(ra) AS r FROM hipparcos WHERE ra < 300",
    "SELECT ivo_healpix_index(3, ra, dec) AS p, COUNT(*) AS n FROM hipparcos GROUP BY p",
    "SELECT TOP 20 hip, vmag FROM hipparcos ORDER BY vmag",
    "SELECT a.hip AS a, b.hip AS b FROM hipparcos a JOIN hipparcos b "
    "ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.005 WHERE a.vmag < b.vmag AND b.vmag < 9",
    "SELECT COUNT(*) AS n, MAX(t.number) AS m FROM hipparcos h JOIN TAP_UPLOAD.t AS t "
    "ON DISTANCE(h.ra, h.dec, t.ra, t.dec) < 1",
]


def uploaded() -> Upload:
    """Positions all around the sky."""
    numbers = range(300)
    values = {
        "number": list(numbers),
        "ra": [(137.508 * each) % 360 for each in numbers],
        "dec": [math.degrees(math.asin(2 * (each + 0.5) / len(numbers) - 1)) for each in numbers],
    }
    return upload_of("t", pa.table(values), {})


async def test_the_cluster_gives_the_rows_that_processes_give(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    workers = [broker.cluster.start_worker(name) for name in ("alpha", "beta")]
    async with engine_on(broker, tmp_path) as engine:
        installed = CatalogRegistry(tmp_path / "catalogs")
        here = Engine(installed, LIMITS, tmp_path / "here")
        whole = Engine(installed, LIMITS.model_copy(update={"step_values": 10**12}), tmp_path / "whole")
        for query in QUERIES:
            uploads = [uploaded()] if "TAP_UPLOAD" in query else []
            assert len(engine.plan(query, MOST, uploads).steps) > 2
            found = await asyncio.to_thread(engine.run, query, MOST, None, uploads)
            for other in (here, whole):
                same = await asyncio.to_thread(other.run, query, MOST, None, uploads)
                assert found.table.schema == same.table.schema
                assert rows(found.table) == rows(same.table)
        assert all(query_processes(worker) for worker in workers)
        here.close()
        whole.close()


async def test_errors_and_limits_have_their_words(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    broker.cluster.start_worker("alpha")
    async with engine_on(broker, tmp_path) as engine:
        with pytest.raises(QueryRefused, match="out of range"):
            await asyncio.to_thread(engine.run, "SELECT CAST(hip + 100000 AS SMALLINT) AS v FROM hipparcos", MOST)
        with pytest.raises(TookTooLong, match="stopped after 3 s"):
            await asyncio.to_thread(engine.run, SLOW, 10, Allowance(seconds=3))
        assert (await asyncio.to_thread(engine.run, QUERIES[0], MOST)).table.num_rows > 1_000


async def test_stopped_queries_end_on_the_workers(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    worker = broker.cluster.start_worker("alpha")
    async with engine_on(broker, tmp_path) as engine:
        stop = Stop()
        running = asyncio.create_task(asyncio.to_thread(engine.run, SLOW, 10, Allowance(seconds=600, stop=stop)))
        await until(lambda: query_processes(worker))
        (process,) = query_processes(worker)
        stop.ask()
        with pytest.raises(QueryStopped):
            await running
        await until(lambda: not process.is_running())
        assert (await asyncio.to_thread(engine.run, QUERIES[0], MOST)).table.num_rows > 1_000


async def test_a_step_whose_worker_is_lost_runs_on_another(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    worker = broker.cluster.start_worker("alpha")
    async with engine_on(broker, tmp_path) as engine:
        steps = threading.Event()
        allowance = Allowance(seconds=240, progress=lambda done, of: steps.set())
        running = asyncio.create_task(asyncio.to_thread(engine.run, QUERIES[5], MOST, allowance))
        await until(steps.is_set)
        worker.kill()
        broker.cluster.start_worker("beta")
        found = await running
    here = Engine(CatalogRegistry(tmp_path / "catalogs"), LIMITS, tmp_path / "here")
    assert rows(found.table) == rows(here.run(QUERIES[5], MOST).table)
    here.close()


async def test_without_a_cluster_the_brokers_words_are_given(broker: Broker, tmp_path: Path) -> None:
    async with engine_on(broker, tmp_path) as engine:
        with pytest.raises((Unavailable, TookTooLong), match=r"not there yet|stopped after 2 s"):
            await asyncio.to_thread(engine.run, QUERIES[0], MOST, Allowance(seconds=2))
        # What is one step needs none.
        assert (await asyncio.to_thread(engine.run, "SELECT hip FROM hipparcos WHERE hip = 1", 10)).table.num_rows == 1


def test_a_portal_that_nobody_told_where_the_broker_is_does_not_start(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, queries=LIMITS.model_copy(update={"scans": "dask"}))
    app = create_app(settings)

    async def begin() -> None:
        async with app.router.lifespan_context(app):
            pass

    with pytest.raises(BadParameter, match=r"queries\.scans is dask, and there is no hub"):
        asyncio.run(begin())
