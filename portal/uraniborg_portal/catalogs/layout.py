"""Every file, folder and column name of a HATS collection (IVOA Note HATS 1.0), and of our own files beside it."""

from __future__ import annotations

from pathlib import Path

HEALPIX_COLUMN = "_healpix_29"
"""The index by which rows are sorted: HEALPix cell of order 29, nested, 64-bit integer."""
HEALPIX_ORDER = 29
CELLS = 12 << (2 * HEALPIX_ORDER)
"""Cells of that order on the whole sky: the index of none is as large."""
HEALPIX_FUNCTION = "healpix_29"
"""The function of the query engine that gives this index of a longitude and a latitude."""
PARTITION_COLUMNS = ("Norder", "Dir", "Npix", "margin_Norder", "margin_Dir", "margin_Npix")
"""Names that older HATS writers store as columns; never shown as columns of a catalog."""

COLLECTION_PROPERTIES = "collection.properties"
TABLE_PROPERTIES = "hats.properties"
OLD_TABLE_PROPERTIES = "properties"
"""The name that HATS readers before 0.4 look for: a copy of `hats.properties`."""
PARTITION_INFO = "partition_info.csv"
POINT_MAP = "point_map.fits"
SKYMAP = "skymap.fits"
DATASET = "dataset"
METADATA = "_metadata"
COMMON_METADATA = "_common_metadata"
PARQUET_SUFFIX = ".parquet"
FOLDER_SUFFIX = "/"
"""What follows the pixel number in the names of shards that are folders of Parquet files."""

DESCRIPTION = "catalog.json"
"""Our own description of the catalog, in the version's folder."""
ZONES = "zones.arrow"
"""What each row group of each shard holds, in the version's folder."""
IDENTIFIERS = "identifiers"
"""Which shards hold an identifier: a folder in the version's folder."""
REJECTED = "rejected"
"""Rows and files of the sources that were kept aside: a folder in the version's folder."""
APPLIED = "applied"
"""The fingerprint of the declaration and the sources that a version was made of, in its folder."""
COMPACTED = "compacted"
"""The version (`v2`) whose rows one has in other files, in its folder; absent from most."""
CURRENT = "current"
"""A file in the catalog's folder that names the current version (`v2`)."""
VERSION_PREFIX = "v"
INCOMING_PREFIX = ".incoming-"
"""Folders that are being written: `.incoming-NAME` of an ingest that can be resumed, others have more behind it."""

COMPACTING_PREFIX = ".compacting-"
"""Folders in which a version is written anew, `.compacting-NAME`."""

DIR_SIZE = 10_000
"""Pixels per `Dir=` folder."""


def partition(order: int, pixel: int, suffix: str = PARQUET_SUFFIX) -> Path:
    """Give the path of a shard below its table's folder: `dataset/Norder=3/Dir=0/Npix=277.parquet`."""
    return Path(DATASET) / partition_in_dataset(order, pixel, suffix)


def partition_in_dataset(order: int, pixel: int, suffix: str = PARQUET_SUFFIX) -> Path:
    """Give the path of a shard below `dataset`, as `_metadata` names it; the suffix `/` means a folder."""
    first = DIR_SIZE * (pixel // DIR_SIZE)
    return Path(f"Norder={order}") / f"Dir={first}" / f"Npix={pixel}{suffix}".rstrip("/")


def part_name(number: int) -> str:
    """Give the name of a Parquet file in the folder of a shard: the rows of the first were there before others'."""
    return f"{number:04}{PARQUET_SUFFIX}"


def margin_name(name: str, arcsec: float) -> str:
    """Give the folder name of a margin table, as LSDB names it: `hipparcos_900arcs`."""
    return f"{name}_{arcsec:g}arcs".replace(".", "p")


def version_folder(catalogs: Path, name: str, version: int) -> Path:
    """Give the folder of one immutable version of a catalog."""
    return catalogs / name / f"{VERSION_PREFIX}{version}"
