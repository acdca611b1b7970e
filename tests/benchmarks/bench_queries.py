"""A cone on the real Hipparcos sample: by a sandboxed worker, beside DuckDB in this process; and a worker's start."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from figures import Report, quantiles

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.duckdb import LockedDatabase
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.process import Order, WorkerProcess
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits

ROUNDS = 300
STARTS = 20
LIMITS = QueryLimits()
CONE = " ".join(
    ["SELECT hip, ra, dec, vmag FROM hipparcos WHERE", "1 = CONTAINS(POINT(ra, dec), CIRCLE(56.87, 24.1, {radius}))"]
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The engine over the samples, with a worker that is warm."""
    home = tmp_path_factory.mktemp("home")
    install_samples(home / "catalogs")
    made = Engine(CatalogRegistry(home / "catalogs"), LIMITS, home / "spill")
    made.start()
    yield made
    made.close()


def seconds(work: Callable[[], object]) -> float:
    """Measure one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@pytest.mark.parametrize("radius", [0.1, 1, 180])
def test_cone(engine: Engine, report: Report, radius: float) -> None:
    """In turns: the same plan, by a worker and by DuckDB in this process, which nothing confines."""
    adql = CONE.format(radius=radius)
    plan = engine.plan(adql, 200_000)
    folders = [engine.catalogs.collection(name).primary for name in engine.catalogs.names()]
    free = LockedDatabase(folders, memory=LIMITS.memory, spill=engine.spill, spill_megabytes=LIMITS.spill_megabytes)

    def unconfined() -> None:
        step = plan.steps[0]
        with free.answer(step.statement, {}) as rows:
            rows.read_all()

    def confined() -> None:
        with engine.answer(plan) as rows:
            pa.Table.from_batches(list(rows))

    engine.run(adql, 200_000)
    unconfined()
    ours, theirs, whole = [], [], []
    for _ in range(ROUNDS if radius < 180 else 30):
        ours.append(seconds(confined))
        theirs.append(seconds(unconfined))
        whole.append(seconds(lambda: engine.run(adql, 200_000)))
    report.add(*quantiles(f"queries.cone.{radius:g}_deg.rows", ours, "DuckDB in process", theirs))
    report.add(*quantiles(f"queries.cone.{radius:g}_deg.whole", whole, "its rows alone, DuckDB in process", theirs))


def test_start(tmp_path: Path, report: Report) -> None:
    """From nothing to the first answer, with the sandbox and without."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(STARTS):
        for sandboxed, kept in taken.items():
            order = Order(folders=frozenset(), spill=tmp_path, sandboxed=sandboxed, limits=LIMITS)

            def first(order: Order = order) -> None:
                worker = WorkerProcess(order)
                with worker.rows(Statement(sql="SELECT 1"), {}, Allowance(seconds=60)) as answer:
                    answer.table()
                worker.close()

            kept.append(seconds(first))
    report.add(*quantiles("queries.worker_start", taken[True], "without a sandbox", taken[False]))
