"""LSDB and hats open what we write, cone searches and margins included."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.samples.install import install_samples

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogs")
    install_samples(folder)
    return folder


def test_lsdb_opens_the_samples_and_finds_the_pleiades(samples: Path) -> None:
    import lsdb

    catalog = lsdb.open_catalog(samples / "hipparcos" / "v1")
    assert len(catalog) == 117_955
    assert catalog.margin is not None
    found = catalog.cone_search(56.75, 24.12, 3600).compute()
    table = rows_of(samples, "hipparcos", "hip")
    inside = separation(table, 56.75, 24.12) <= 1.0
    assert set(found["hip"]) == set(table["hip"][inside])
    assert 17702 in set(found["hip"])  # Alcyone


def test_lsdb_crossmatches_across_borders_with_our_margin(samples: Path) -> None:
    import lsdb
    from astropy.coordinates import SkyCoord

    objects = lsdb.open_catalog(samples / "openngc" / "v1", columns=["name", "ra", "dec"])
    pairs = objects.crossmatch(
        objects, n_neighbors=300, radius_arcsec=900, suffixes=("_a", "_b"), suffix_method="all_columns"
    )
    got = pairs.compute()
    table = rows_of(samples, "openngc", "name")
    sky = SkyCoord(table["ra"], table["dec"], unit="deg")
    one, other, _, _ = sky.search_around_sky(sky, 900 * sky.ra.unit / 3600)
    wanted = {(table["name"][a], table["name"][b]) for a, b in zip(one, other, strict=True)}
    assert set(zip(got["name_a"], got["name_b"], strict=True)) == wanted


def test_hats_calls_our_collections_valid(samples: Path) -> None:
    from hats.io.validation import is_valid_catalog, is_valid_collection

    for name in ("hipparcos", "openngc"):
        root = samples / name / "v1"
        assert is_valid_collection(root)
        assert is_valid_catalog(root / name, strict=True)
        assert is_valid_catalog(root / f"{name}_900arcs", strict=True)


def test_lsdb_opens_shards_of_several_orders(tmp_path: Path) -> None:
    import lsdb

    generator = np.random.default_rng(3)
    ra = np.concatenate([generator.uniform(0, 360, 500), generator.normal(80, 0.5, 4000)])
    dec = np.concatenate([generator.uniform(-80, 80, 500), generator.normal(-69, 0.5, 4000)])
    entry = Entry(name="crowd", title="", position=Position(ra="ra", dec="dec"), rows_per_shard=1000)
    install(pa.table({"ra": ra, "dec": dec}), entry, tmp_path)
    catalog = lsdb.open_catalog(tmp_path / "crowd" / "v1")
    assert len(catalog.compute()) == 4500
    assert len({pixel.order for pixel in catalog.get_healpix_pixels()}) > 1


def rows_of(folder: Path, name: str, identifier: str) -> dict[str, np.ndarray]:
    """Identifier and position of every row of a catalog, from the shards."""
    from pyarrow import dataset

    files = [str(file) for shard in CatalogRegistry(folder).shards(name) for file in shard.files]
    table = dataset.dataset(files, format="parquet", partitioning=None).to_table(columns=[identifier, "ra", "dec"])
    return {column: table[column].to_numpy() for column in table.column_names}


def separation(table: dict[str, np.ndarray], ra: float, dec: float) -> np.ndarray:
    """Degrees from a position."""
    from astropy.coordinates import SkyCoord

    return SkyCoord(table["ra"], table["dec"], unit="deg").separation(SkyCoord(ra, dec, unit="deg")).deg
