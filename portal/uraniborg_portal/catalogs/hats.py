"""Opens HATS collections and single HATS tables on disk, ours and others' (IVOA Note HATS 1.0)."""

from __future__ import annotations

import csv
from pathlib import Path

from uraniborg_portal.catalogs import layout, properties
from uraniborg_portal.catalogs.models import Collection, Shard
from uraniborg_portal.errors import BadParameter


def is_hats(folder: Path) -> bool:
    """Tell whether a folder holds a HATS collection or table."""
    names = (layout.COLLECTION_PROPERTIES, layout.TABLE_PROPERTIES, layout.OLD_TABLE_PROPERTIES)
    return any((folder / name).is_file() for name in names)


def open_collection(folder: Path) -> Collection:
    """Give where the tables of a HATS folder are.

    Raises
    ------
    BadParameter
        The folder is not a HATS collection or table that has positions.
    """
    primary, margin = folder, None
    if (folder / layout.COLLECTION_PROPERTIES).is_file():
        content = properties.read(folder / layout.COLLECTION_PROPERTIES)
        primary = folder / inside(folder, content.get("hats_primary_table_url", ""))
        default = content.get("default_margin") or content.get("all_margins", "").split(" ")[0]
        margin = folder / inside(folder, default) if default else None
    table = table_properties(primary)
    around = table_properties(margin) if margin else {}
    return Collection(
        root=folder,
        primary=primary,
        margin=margin,
        margin_arcsec=float(around.get("hats_margin_threshold", 0)),
        healpix_column=table.get("hats_col_healpix"),
        healpix_order=int(table.get("hats_col_healpix_order", layout.HEALPIX_ORDER)),
        suffix=table.get("hats_npix_suffix", layout.PARQUET_SUFFIX),
        margin_suffix=around.get("hats_npix_suffix", layout.PARQUET_SUFFIX),
    )


def table_properties(folder: Path) -> dict[str, str]:
    """Give the properties of one HATS table."""
    new = folder / layout.TABLE_PROPERTIES
    return properties.read(new if new.is_file() else folder / layout.OLD_TABLE_PROPERTIES)


def cells(folder: Path) -> tuple[tuple[int, int], ...]:
    """Give order and pixel of every partition of a HATS table, along the HEALPix curve.

    Raises
    ------
    BadParameter
        The table has no readable `partition_info.csv`.
    """
    path = folder / layout.PARTITION_INFO
    try:
        with path.open(newline="", encoding="utf-8") as file:
            found = {(int(row["Norder"]), int(row["Npix"])) for row in csv.DictReader(file)}
    except (OSError, KeyError, ValueError) as error:
        raise BadParameter(
            f"{path} does not list partitions (columns Norder and Npix): {error}.",
            "Give a HATS catalog that LSDB opens.",
        ) from error
    return tuple(sorted(found, key=lambda cell: cell[1] << (2 * (layout.HEALPIX_ORDER - cell[0]))))


def shard(collection: Collection, numbers: tuple[int, int, int, int], parts: int | None = None) -> Shard:
    """Give the shard of (order, pixel, rows, margin rows) with the paths that a collection gives it.

    `parts` is how many files its folder has, where that is known.
    """
    order, pixel, rows, margin_rows = numbers
    margin_path = None
    if collection.margin is not None and margin_rows:
        margin_path = collection.margin / layout.partition(order, pixel, collection.margin_suffix)
    place = layout.partition(order, pixel, collection.suffix)
    url = f"{collection.origin.url}/{place.as_posix()}" if collection.origin else None
    path = (collection.kept or collection.primary) / place
    return Shard(order=order, pixel=pixel, rows=rows, path=path, margin_path=margin_path, url=url, parts=parts)


def inside(folder: Path | str, name: str) -> str:
    """Give the name of a table that a collection, a folder or a URL, has inside of it.

    Raises
    ------
    BadParameter
        It names none, or one that is elsewhere.
    """
    if not name or "://" in name:
        raise BadParameter(
            f"The collection {folder} names its table {name!r}: a folder inside the collection is accepted.",
            "Copy the collection to this machine with all its tables.",
        )
    return name
