"""The planner as a catalog has more shards: made-up manifests of 10^4, 10^5 and 10^6; no file of theirs exists."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import sky as made
from figures import Figure, Report
from stack import timed

from uraniborg_portal.catalogs import layout, properties
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.settings import QueryLimits

pytestmark = pytest.mark.timeout(3600)
LIMITS = QueryLimits()
ROUNDS = 50
ROWS = 1_000_000
"""Rows of each made-up shard."""
CONE = "SELECT source_id, ra, dec FROM made WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE({ra}, {dec}, 0.1))"
COLUMNS = (("source_id", "long", "meta.id;meta.main"), ("ra", "double", "pos.eq.ra;meta.main"),
           ("dec", "double", "pos.eq.dec;meta.main"))  # fmt: skip


def manifest(folder: Path, shards: int) -> None:
    """Write the description and the properties of a catalog of so many shards: cells of the order that has as many."""
    order = next(k for k in range(30) if 12 * 4**k >= shards)
    version = folder / "made" / "v1"
    primary = version / "made"
    primary.mkdir(parents=True)
    (version / layout.COLLECTION_PROPERTIES).write_text(
        properties.render("HATS Collection", {"obs_collection": "made", "hats_primary_table_url": "made"}), "utf-8"
    )
    content = {"hats_col_ra": "ra", "hats_col_dec": "dec", "hats_col_healpix": layout.HEALPIX_COLUMN,
               "hats_col_healpix_order": 29, "hats_npix_suffix": layout.PARQUET_SUFFIX}  # fmt: skip
    (primary / layout.TABLE_PROPERTIES).write_text(properties.render("HATS catalog", content), "utf-8")
    pixels = np.unique(np.linspace(0, 12 * 4**order - 1, shards).astype(np.int64))
    described = {
        "format": 1, "collection": ".", "shards": [[order, int(pixel), ROWS, 0] for pixel in pixels],
        "catalog": {
            "name": "made", "title": "made", "description": "", "licence": "", "citation": "", "identifier": None,
            "version": "1", "rows": ROWS * len(pixels), "rows_without_position": 0,
            "position": {"ra": "ra", "dec": "dec", "epoch": 2016.0, "pmra": None, "pmdec": None},
            "columns": [{"name": name, "datatype": datatype, "ucd": ucd} for name, datatype, ucd in COLUMNS],
        },
    }  # fmt: skip
    (version / layout.DESCRIPTION).write_text(json.dumps(described), "utf-8")


@pytest.mark.parametrize("shards", [10_000, 100_000, 1_000_000])
def test_plan(tmp_path: Path, report: Report, shards: int) -> None:
    """A cone's plan, warm, with what of it is the text's (check); and the first plan of a process."""
    manifest(tmp_path / "catalogs", shards)
    engine = Engine(CatalogRegistry(tmp_path / "catalogs"), LIMITS, tmp_path / "spill")
    cones = made.places(made.MEAN, 1.0, ROUNDS)
    cold = timed(lambda: engine.plan(CONE.format(ra=10, dec=10), LIMITS.default_rows))
    warm, check, used = [], [], time.process_time()
    for ra, dec in cones:
        adql = CONE.format(ra=ra, dec=dec)
        check.append(timed(partial(engine.check, adql)))
        warm.append(timed(partial(engine.plan, adql, LIMITS.default_rows)))
    used = 1000 * (time.process_time() - used) / (2 * ROUNDS)
    plan = engine.plan(CONE.format(ra=10, dec=10), LIMITS.default_rows)
    name = f"planner.{shards:.0e}".replace("+0", "")
    report.add(
        Figure(name=f"{name}.warm.p50", unit="ms", ours=1000 * float(np.median(warm)), peer="what is asked",
               theirs=2, asked="<= 1"),
        Figure(name=f"{name}.check.p50", unit="ms", ours=1000 * float(np.median(check)), peer="the whole plan",
               theirs=1000 * float(np.median(warm))),
        Figure(name=f"{name}.cold", unit="s", ours=cold, peer="what is asked at 10^6", theirs=1, asked="<= 1"),
    )  # fmt: skip
    report.note(f"{name}: {plan.readings[0].shards} of {plan.readings[0].of_shards:,} shards; processor {used:.2f} ms")
