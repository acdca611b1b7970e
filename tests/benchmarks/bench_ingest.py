"""Ingest of a synthetic sky from CSV and Parquet, with margins and an index of identifiers, beside hats-import.

`URANIBORG_BENCH_ROWS` is the number of rows (1 million). The peer is installed into a venv of its own at the first run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from figures import Figure, Report
from peers import hats_import
from pyarrow import csv, parquet

ROWS = int(float(os.environ.get("URANIBORG_BENCH_ROWS", "1e6")))
ROWS_PER_FILE = 1_000_000
MARGIN = 10
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


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_ingest(sky: Path, report: Report, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Both with as many processes; each stage's time is that to the end of it."""
    files = sorted(str(path) for path in sky.glob(f"*.{kind}"))
    folder: Callable[[str], Path] = tmp_path_factory.mktemp
    ours = hats_import.measured(sys.executable, OURS, folder("ours"), files, MARGIN)
    theirs = hats_import.measured(hats_import.python(), hats_import.PROGRAM, folder("theirs"), files, MARGIN)
    assert ours.rows == ROWS
    told = f"hats-import and margin, {ROWS:,} rows, {hats_import.WORKERS} processes"
    for name, unit, one, other, asked in (
        ("seconds", "s", ours.seconds, theirs.seconds, "<= 0.5"),
        ("cpu", "s", ours.cpu, theirs.cpu, ""),
        ("megabytes", "MB", ours.megabytes, theirs.megabytes, ""),
    ):
        report.add(Figure(name=f"ingest.{kind}.{name}", unit=unit, ours=one, peer=told, theirs=other, asked=asked))
    for who, found in (("ours", ours), ("hats-import", theirs)):
        rates = ", ".join(f"{stage} {took:.1f} s ({ROWS / took:,.0f} rows/s)" for stage, took in found.stages.items())
        report.note(f"ingest.{kind} {who}: {rates}")
