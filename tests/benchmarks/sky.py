"""A made sky: its stars crowd as the Milky Way's do, 1,000-fold; the same for the same number of rows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from astropy import units as u
from astropy.coordinates import Latitude, Longitude, SkyCoord
from cdshealpix.nested import lonlat_to_healpix

SEED = 20_260_101
HALO, DISK = 0.18, 0.70
"""Parts of the stars that lie evenly, and that fall off from the Galactic equator; the bulge has the rest."""
DISK_SCALE, BULGE_SCALE = 5.0, 2.0
"""Degrees in which the density falls to 1/e: from the equator, from the Galactic centre."""
CENTRE, MEAN = (266.405, -28.936), (0.3, 73.9)
"""Places, ICRS degrees: where the made sky is densest (some 190 times the mean), and where it is about average."""
PATCHES = ((CENTRE, 1.5), (MEAN, 4.0))
"""Where the wide table has its rows: place and radius, degrees."""
WIDE = 300
"""Columns of the wide table."""
JITTER = 0.2 / 3600
"""Standard deviation by which the second table's stars are off, degrees on each axis."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Sky:
    """The tables of one made sky, as Parquet files of a folder that is kept."""

    rows: int
    folder: Path

    @property
    def stars(self) -> Path:
        """All `rows`, 20 columns; `source_id` follows the sky as Gaia's does, `random_index` does not."""
        return self.folder / "stars.parquet"

    @property
    def half(self) -> Path:
        """Half of the stars, each a little off; the same columns."""
        return self.folder / "half.parquet"

    @property
    def wide(self) -> Path:
        """The stars of two patches, 300 columns."""
        return self.folder / "wide.parquet"

    @property
    def home(self) -> Path:
        """The state folder of a platform that has the three as catalogs, by these names."""
        return self.folder / "home"

    @property
    def catalogs(self) -> Path:
        """The folder of the catalogs there."""
        return self.home / "portal" / "catalogs"


def rows_wanted() -> int:
    """Stars of the sky: `URANIBORG_BENCH_ROWS` (10,000,000)."""
    return int(float(os.environ.get("URANIBORG_BENCH_ROWS") or 1e7))


def cache() -> Path:
    """The folder of what is made once: `URANIBORG_BENCH_CACHE` (.bench/cache)."""
    return Path(os.environ.get("URANIBORG_BENCH_CACHE") or ".bench/cache").resolve()


def sky(rows: int, *, more: bool = True) -> Sky:
    """Give the sky of so many stars, made and ingested if it is not there; `more` are the second and the wide table."""
    made = Sky(rows=rows, folder=cache() / f"sky-{rows}")
    made.folder.mkdir(parents=True, exist_ok=True)
    wanted = {"stars": made.stars} | ({"half": made.half, "wide": made.wide} if more else {})
    if not all(path.exists() for path in wanted.values()):
        whole = stars(rows)
        write(whole, made.stars)
        if more:
            write(half(whole), made.half)
            write(wide(whole), made.wide)
    for name, path in wanted.items():
        ingest(name, path, made.home)
    return made


def write(table: pa.Table, path: Path) -> None:
    """Write a file that is whole or absent."""
    being = path.with_suffix(".part")
    pq.write_table(table, being, compression="zstd")
    being.rename(path)


def ingest(name: str, path: Path, home: Path) -> None:
    """Add a file as a catalog of a state folder, by the verb; in a process of its own, whose memory ends with it."""
    if (home / "portal" / "catalogs" / name).is_dir():
        return
    argv = [sys.executable, "-m", "uraniborg.cli", "catalog", "add", name, str(path)]
    subprocess.run(argv, env={**os.environ, "URANIBORG_HOME": str(home)}, check=True, capture_output=True)


def positions(rows: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Give right ascension and declination, ICRS degrees, of an even halo, a disk and a bulge."""
    part = rng.random(rows)
    longitude = rng.uniform(0, 360, rows)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, rows)))
    disk = (part >= HALO) & (part < HALO + DISK)
    away = np.minimum(rng.exponential(DISK_SCALE, int(disk.sum())), 89.9)
    latitude[disk] = away * rng.choice([-1, 1], len(away))
    bulge = part >= HALO + DISK
    # A density of exp(-r / scale) on a plane has its radii by Gamma(2).
    radius, angle = rng.gamma(2, BULGE_SCALE, int(bulge.sum())), rng.uniform(0, 2 * np.pi, int(bulge.sum()))
    latitude[bulge] = np.clip(radius * np.sin(angle), -89.9, 89.9)
    longitude[bulge] = (radius * np.cos(angle)) % 360
    place = SkyCoord(longitude * u.deg, latitude * u.deg, frame="galactic").icrs
    return np.asarray(place.ra.deg), np.asarray(place.dec.deg)


def stars(rows: int) -> pa.Table:
    """Give the stars, 20 columns, in no order."""
    rng = np.random.default_rng(SEED)
    ra, dec = positions(rows, rng)
    cell = lonlat_to_healpix(Longitude(ra * u.deg), Latitude(dec * u.deg), 12).astype(np.int64)
    bright = rng.gamma(9, 0.8, rows)
    colour = rng.normal(1.1, 0.5, rows)
    slow = rng.random(rows) < 0.9

    def single(values: Floats) -> pa.Array:
        return pa.array(values.astype(np.float32))

    columns: Mapping[str, pa.Array] = {
        # Bits as Gaia has them: the cell of order 12, then a number that no other row has.
        "source_id": pa.array((cell << 35) | rng.permutation(rows).astype(np.int64)),
        "random_index": pa.array(rng.permutation(rows).astype(np.int64)),
        "ra": pa.array(ra),
        "dec": pa.array(dec),
        "ra_error": single(rng.exponential(0.1, rows)),
        "dec_error": single(rng.exponential(0.1, rows)),
        "parallax": single(rng.gamma(1.2, 0.8, rows)),
        "parallax_error": single(rng.exponential(0.1, rows)),
        "pmra": single(rng.normal(0, 8, rows)),
        "pmdec": single(rng.normal(-2, 8, rows)),
        "phot_g_mean_mag": single(22 - bright),
        "phot_bp_mean_mag": single(22 - bright + 0.5 * colour),
        "phot_rp_mean_mag": single(22 - bright - 0.5 * colour),
        "bp_rp": single(colour),
        "ruwe": single(rng.lognormal(0.03, 0.1, rows)),
        "visibility_periods_used": pa.array(rng.integers(5, 30, rows).astype(np.int16)),
        "radial_velocity": pa.array(rng.normal(0, 40, rows).astype(np.float32), mask=slow),
        "astrometric_excess_noise": single(rng.exponential(0.2, rows)),
        "duplicated_source": pa.array(rng.random(rows) < 0.01),
        "phot_variable_flag": pa.array(np.where(rng.random(rows) < 0.02, "VARIABLE", "NOT_AVAILABLE")),
    }
    return pa.table(dict(columns))


def half(whole: pa.Table) -> pa.Table:
    """Give every other star of a table, a little off, with all its columns."""
    rng = np.random.default_rng(SEED + 1)
    kept = whole.take(pa.array(np.arange(0, whole.num_rows, 2)))
    dec = kept["dec"].to_numpy() + rng.normal(0, JITTER, kept.num_rows)
    ra = kept["ra"].to_numpy() + rng.normal(0, JITTER, kept.num_rows) / np.cos(np.radians(dec))
    moved = {"ra": pa.array(ra % 360), "dec": pa.array(np.clip(dec, -90, 90))}
    return pa.table({name: moved.get(name, kept[name]) for name in kept.column_names})


def wide(whole: pa.Table) -> pa.Table:
    """Give the stars of the patches, with so many columns more that there are 300."""
    rng = np.random.default_rng(SEED + 2)
    inside = np.zeros(whole.num_rows, np.bool_)
    for place, radius in PATCHES:
        inside |= distance(whole["ra"].to_numpy(), whole["dec"].to_numpy(), place) < radius
    rows = whole.filter(pa.array(inside))
    for number in range(rows.num_columns, WIDE):
        rows = rows.append_column(f"value_{number:03}", pa.array(rng.normal(0, 1, rows.num_rows).astype(np.float32)))
    return rows


def distance(ra: Floats, dec: Floats, place: tuple[float, float]) -> Floats:
    """Give the distances from one place, degrees (haversine)."""
    a, d = np.radians(ra), np.radians(dec)
    a0, d0 = np.radians(place)
    h = np.sin((d - d0) / 2) ** 2 + np.cos(d) * np.cos(d0) * np.sin((a - a0) / 2) ** 2
    return np.asarray(np.degrees(2 * np.arcsin(np.sqrt(h))))


def places(around: tuple[float, float], radius: float, number: int, seed: int = SEED) -> list[tuple[float, float]]:
    """Give so many random places within a small radius, degrees, of one place; the same for the same seed."""
    rng = np.random.default_rng(seed)
    away, angle = radius * np.sqrt(rng.random(number)), rng.uniform(0, 2 * np.pi, number)
    dec = around[1] + away * np.sin(angle)
    ra = around[0] + away * np.cos(angle) / np.cos(np.radians(dec))
    return [(round(float(a), 6), round(float(d), 6)) for a, d in zip(ra % 360, dec, strict=True)]
