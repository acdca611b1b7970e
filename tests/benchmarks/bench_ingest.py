"""Ingest of a synthetic sky from CSV and Parquet, with margins and an index of identifiers, beside hats-import.

`URANIBORG_BENCH_ROWS` is the number of rows (1 million). The peer is installed into a venv of its own at the first run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from figures import Figure, Report
from pyarrow import csv, parquet

ROWS = int(float(os.environ.get("URANIBORG_BENCH_ROWS", "1e6")))
ROWS_PER_FILE = 1_000_000
WORKERS = 2
MARGIN = 10
PEER = Path(os.environ.get("URANIBORG_BENCH_OUT") or ".bench").absolute() / "hats-import"
OURS = """
import json, resource, sys, time
from pathlib import Path

from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.wishes import Manner, Wishes

if __name__ == "__main__":
    folder, margin, workers, files = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]), tuple(sys.argv[4:])
    began = last = time.perf_counter()
    ends = {}
    steps = Steps(progress=lambda stage, part: ends.__setitem__(stage, time.perf_counter()))
    catalog = add(files, Wishes(name="sky", margin_arcsec=margin), folder, steps, Manner(workers=workers))
    ends["Metadata"] = time.perf_counter()
    stages = {}
    for stage, end in ends.items():
        stages[stage], last = end - last, end
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"rows": catalog.rows, "seconds": last - began, "stages": stages,
                      "cpu": sum(each.ru_utime + each.ru_stime for each in used),
                      "megabytes": max(each.ru_maxrss for each in used) / 1024}))
"""
THEIRS = """
import json, resource, sys, time
from dask.distributed import Client
from hats_import.catalog.arguments import ImportArguments
from hats_import.margin_cache.margin_cache_arguments import MarginCacheArguments
from hats_import.pipeline import pipeline_with_client

if __name__ == "__main__":
    folder, margin, workers, files = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    kind = "csv" if files[0].endswith("csv") else "parquet"
    with Client(n_workers=workers, threads_per_worker=1, memory_limit=None, dashboard_address=None) as client:
        began = time.perf_counter()
        pipeline_with_client(ImportArguments(
            output_path=folder, output_artifact_name="sky", input_file_list=files, file_reader=kind,
            ra_column="ra", dec_column="dec", progress_bar=False), client)
        primary = time.perf_counter()
        pipeline_with_client(MarginCacheArguments(
            input_catalog_path=folder + "/sky", output_path=folder, output_artifact_name="sky_margin",
            margin_threshold=margin, progress_bar=False), client)
        ended = time.perf_counter()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"seconds": ended - began, "stages": {"import": primary - began, "margin": ended - primary},
                      "cpu": sum(each.ru_utime + each.ru_stime for each in used),
                      "megabytes": max(each.ru_maxrss for each in used) / 1024}))
"""


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of a sky whose density varies a thousandfold: a plane and clusters over a thin background."""
    folder, generator = tmp_path_factory.mktemp("sky"), np.random.default_rng(1572)
    for first in range(0, ROWS, ROWS_PER_FILE):
        table = stars(generator, min(ROWS_PER_FILE, ROWS - first), first)
        parquet.write_table(table, folder / f"{first // ROWS_PER_FILE:04}.parquet")
        csv.write_csv(table, folder / f"{first // ROWS_PER_FILE:04}.csv")
    return folder


def stars(generator: np.random.Generator, rows: int, first: int) -> pa.Table:
    """Rows with an identifier, a position, seven measurements, two integers and a name."""
    ra, dec = generator.uniform(0, 360, rows), np.degrees(np.arcsin(generator.uniform(-1, 1, rows)))
    plane, cluster = generator.random(rows) < 0.6, generator.random(rows) < 0.05
    ra[plane] = generator.normal(266, 20, plane.sum()) % 360
    dec[plane] = np.clip(generator.normal(-29, 8, plane.sum()), -89.9, 89.9)
    ra[cluster], dec[cluster] = generator.normal(201.7, 0.3, cluster.sum()), generator.normal(-47.5, 0.2, cluster.sum())
    measured = {name: np.round(generator.normal(10, 3, rows), 4) for name in ("pmra", "pmdec", "plx", "g", "bp", "rp")}
    names = np.char.add("S", generator.integers(0, 10**9, rows).astype(str))
    integers = {"flags": generator.integers(0, 100, rows), "visits": generator.integers(0, 1000, rows)}
    identifiers = {"source_id": generator.permutation(rows) + first}
    return pa.table({**identifiers, "ra": ra, "dec": dec, **measured, **integers, "name": names})


@pytest.fixture(scope="module")
def peer() -> str:
    """The Python of a venv that has hats-import."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "hats-import"], check=True)
    return str(python)


def measured(python: str, program: str, folder: Path, files: list[str]) -> dict[str, float | dict[str, float]]:
    """What a program says of itself."""
    (folder / "program.py").write_text(program)
    argv = [python, str(folder / "program.py"), str(folder / "out"), str(MARGIN), str(WORKERS), *files]
    (folder / "out").mkdir()
    ended = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float | dict[str, float]] = json.loads(ended.stdout.splitlines()[-1])
    return found


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_ingest(sky: Path, peer: str, report: Report, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Both with as many processes; each stage's time is that to the end of it."""
    files = sorted(str(path) for path in sky.glob(f"*.{kind}"))
    folder: Callable[[str], Path] = tmp_path_factory.mktemp
    ours = measured(sys.executable, OURS, folder("ours"), files)
    theirs = measured(peer, THEIRS, folder("theirs"), files)
    assert ours["rows"] == ROWS
    told = f"hats-import and margin, {ROWS:,} rows, {WORKERS} processes"
    for name, unit, asked in (("seconds", "s", "<= 0.5"), ("cpu", "s", ""), ("megabytes", "MB", "")):
        one, other = ours[name], theirs[name]
        assert isinstance(one, float) and isinstance(other, float)
        report.add(Figure(name=f"ingest.{kind}.{name}", unit=unit, ours=one, peer=told, theirs=other, asked=asked))
    for who, found in (("ours", ours), ("hats-import", theirs)):
        stages = found["stages"]
        assert isinstance(stages, dict)
        rates = ", ".join(f"{stage} {took:.1f} s ({ROWS / took:,.0f} rows/s)" for stage, took in stages.items())
        report.note(f"ingest.{kind} {who}: {rates}")
