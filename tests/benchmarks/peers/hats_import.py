"""hats-import from PyPI, in a venv of its own: the peer for ingest, and the maker of most catalogs that LSDB opens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(os.environ.get("URANIBORG_BENCH_OUT") or ".bench").absolute() / "hats-import"
NAME = "sky"
WORKERS = 2
PROGRAM = """
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
        if margin:
            pipeline_with_client(MarginCacheArguments(
                input_catalog_path=folder + "/sky", output_path=folder, output_artifact_name="sky_margin",
                margin_threshold=margin, progress_bar=False), client)
        ended = time.perf_counter()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"seconds": ended - began, "stages": {"import": primary - began, "margin": ended - primary},
                      "cpu": sum(each.ru_utime + each.ru_stime for each in used),
                      "megabytes": max(each.ru_maxrss for each in used) / 1024}))
"""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What an ingest took, in all its processes."""

    seconds: float
    stages: dict[str, float]
    """Seconds of each stage, by its name."""
    cpu: float
    """Seconds."""
    megabytes: float
    """Of the largest process."""
    rows: int = 0
    """Of the catalog; only our program says it."""


def python() -> str:
    """The Python of the venv, which is made and filled the first time."""
    found = FOLDER / "bin" / "python"
    if not found.exists():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
        subprocess.run([str(found), "-m", "pip", "install", "-q", "hats-import"], check=True)
    return str(found)


def measured(interpreter: str, program: str, folder: Path, files: list[str], margin: float) -> Told:
    """What a program says of itself that makes a catalog below a folder, and a margin (arcseconds) unless it is 0."""
    out, script = folder / "out", folder / "program.py"
    script.write_text(program)
    out.mkdir()
    argv = [interpreter, str(script), str(out), str(margin), str(WORKERS), *files]
    ended = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True)
    return Told(**json.loads(ended.stdout.splitlines()[-1]))


def catalog(rows: Path, folder: Path) -> Path:
    """The catalog that it makes of a Parquet file with its defaults, in a folder that is kept."""
    if not folder.exists():
        being = folder.with_suffix(".part")
        shutil.rmtree(being, ignore_errors=True)
        being.mkdir(parents=True)
        measured(python(), PROGRAM, being, [str(rows)], margin=0)
        being.rename(folder)
    return folder / "out" / NAME
