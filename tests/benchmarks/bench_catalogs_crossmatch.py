"""P5: half of a made sky's stars, each a little off, with all of them within 1'', all columns; beside LSDB."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import dask
import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from figures import Figure, Report
from lsdb.catalog.catalog import Catalog
from lsdb.loaders.hats.read_hats import open_catalog
from sky import MEAN, Sky

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import parquet
from uraniborg_portal.settings import QueryLimits

pytestmark = pytest.mark.timeout(7200)
LIMITS = QueryLimits(
    maximum_rows=50_000_000, result_megabytes=10_000, memory="6GB", spill_megabytes=40_000, seconds=3600
)
"""More than a platform gives by itself: of 5 M x 40 columns, 1 M rows and 500 MB."""
JOIN = " ".join(
    ["FROM half AS h JOIN stars AS s ON", "1 = CONTAINS(POINT(s.ra, s.dec), CIRCLE(h.ra, h.dec, 1/3600.0))"]
)
NEIGHBOURS = 50
"""More than any star has within 1''."""


@pytest.fixture(scope="module")
def engine(sky: Sky) -> Iterator[Engine]:
    """The engine over the sky's catalogs, in its sandbox, with limits that let it give all."""
    made = Engine(CatalogRegistry(sky.catalogs), LIMITS, sky.folder / "spill")
    made.start()
    # What LSDB imports and compiles at its first match is not measured.
    of_lsdb(sky).cone_search(*MEAN, 3600).compute(progress_bar=False)
    yield made
    made.close()


def all_columns(sky: Sky) -> str:
    """The query: every column of both, by names that differ as LSDB's do."""
    names = pq.read_schema(sky.stars).names
    listed = [f"{side}.{name} AS {name}_{table}" for side, table in (("h", "half"), ("s", "stars")) for name in names]
    return " ".join(["SELECT", ", ".join(listed), JOIN])


def of_ours(engine: Engine, adql: str) -> QueryResult:
    """The answer of the engine, in memory."""
    return engine.run(adql, LIMITS.maximum_rows, Allowance(seconds=LIMITS.seconds))


def of_lsdb(sky: Sky) -> Catalog:
    """LSDB's match of the same catalogs, as it plans it."""
    catalogs = CatalogRegistry(sky.catalogs)
    left, right = (open_catalog(catalogs.collection(name).root) for name in ("half", "stars"))
    return left.crossmatch(
        right, radius_arcsec=1, n_neighbors=NEIGHBOURS, suffixes=("_half", "_stars"), suffix_method="all_columns"
    )


def test_into_memory(sky: Sky, engine: Engine, report: Report) -> None:
    """Ours as Arrow, LSDB's as the frame that it computes; the pairs are the same."""
    began, used = time.perf_counter(), children()
    ours = of_ours(engine, all_columns(sky)).table
    took, used = time.perf_counter() - began, children() - used
    began, theirs_used = time.perf_counter(), time.process_time()
    with dask.config.set(scheduler="threads", num_workers=2):
        theirs = of_lsdb(sky).compute(progress_bar=False)
    theirs_took, theirs_used = time.perf_counter() - began, time.process_time() - theirs_used
    name = f"match.{sky.rows / 1e6:g}M"
    report.note(f"{name}: {ours.num_rows:,} pairs, {ours.nbytes / 1e6:,.0f} MB, {ours.num_columns} columns")
    report.add(
        Figure(name=f"{name}.memory", unit="s", ours=took, peer="LSDB, threads", theirs=theirs_took, asked="<= 0.25"),
        Figure(name=f"{name}.memory.cpu", unit="s", ours=used, peer="its processor time", theirs=theirs_used),
    )
    assert np.array_equal(pairs(ours), pairs(pa.table({n: theirs[n].to_numpy() for n in KEYS})))


def test_counted(sky: Sky, engine: Engine, report: Report) -> None:
    """The join alone, counted: what of the match is not columns."""
    began, used = time.perf_counter(), children()
    counted = of_ours(engine, " ".join(["SELECT COUNT(*) AS n", JOIN])).table["n"][0].as_py()
    took, used = time.perf_counter() - began, children() - used
    report.add(
        Figure(name=f"match.{sky.rows / 1e6:g}M.counted", unit="s", ours=took, peer="its processor time", theirs=used)
    )
    assert counted >= sky.rows // 2 * 0.99


def test_as_parquet(sky: Sky, engine: Engine, report: Report, tmp_path: Path) -> None:
    """Both written as Parquet: ours one file, LSDB's a HATS catalog."""
    began = time.perf_counter()
    with (tmp_path / "ours.parquet").open("wb") as file:
        for piece in parquet.write(of_ours(engine, all_columns(sky))):
            file.write(piece)
    took = time.perf_counter() - began
    began = time.perf_counter()
    with dask.config.set(scheduler="threads", num_workers=2):
        of_lsdb(sky).write_catalog(tmp_path / "theirs", catalog_name="theirs")
    theirs = time.perf_counter() - began
    name = f"match.{sky.rows / 1e6:g}M.parquet"
    report.add(Figure(name=name, unit="s", ours=took, peer="LSDB write_catalog", theirs=theirs, asked="<= 0.5"))


KEYS = ("source_id_half", "source_id_stars")


def pairs(table: pa.Table) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """The pairs of ids, sorted."""
    both = np.stack([table[name].to_numpy() for name in KEYS], axis=1).astype(np.int64)
    return both[np.lexsort((both[:, 1], both[:, 0]))]


def children() -> float:
    """Processor seconds of this process and of the workers that it has."""
    me = psutil.Process()
    return sum(sum(each.cpu_times()[:2]) for each in (me, *me.children()))
