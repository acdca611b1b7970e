"""Adds a HATS catalog that exists already: used in place, or copied by hard links."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from uraniborg_portal.catalogs import description, hats, layout, versions
from uraniborg_portal.catalogs.footers import columns
from uraniborg_portal.catalogs.hard_links import share
from uraniborg_portal.catalogs.install import incoming
from uraniborg_portal.catalogs.models import Catalog, Collection, Position
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import BadParameter


def adopt(source: Path, wishes: Wishes, folder: Path, *, in_place: bool, manner: Manner | None = None) -> Catalog:
    """Add the HATS collection or table at `source` below `folder`.

    Parameters
    ----------
    source
        Folder of `collection.properties` or `hats.properties`.
    wishes
        Name, title and the like; positions are as the HATS properties say.
    folder
        The folder of catalogs.
    in_place
        True refers to the files where they are; they must stay. False makes hard links (copies on another disk).
    manner
        Whether it may be a new version of a catalog that is there, and how many before it are kept; none is replaced by
        default.

    Raises
    ------
    BadParameter
        The folder is no HATS catalog with positions, or files of it are missing.
    Conflict
        The name is taken, and is not to be replaced.
    """
    source = source.resolve()
    collection = hats.open_collection(source)
    shards = tuple(_shards(collection))
    catalog, said = _catalog(collection, wishes, sum(rows for _, _, rows, _ in shards)), manner or Manner()
    number = max(versions.numbers(folder, wishes.name), default=0) + 1 if said.replace else 1
    catalog = replace(catalog, version=str(number))
    with incoming(folder, wishes.name, number, restart=said.restart) as work:
        if not in_place:
            shutil.copytree(source, work, copy_function=share, dirs_exist_ok=True)
        place = str(source) if in_place else "."
        description.write(description.Stored(catalog=catalog, collection=place, shards=shards), work)
    versions.publish(folder, wishes.name, number)
    versions.prune(folder, wishes.name, said.keep)
    return catalog


def _catalog(collection: Collection, wishes: Wishes, rows: int) -> Catalog:
    properties = hats.table_properties(collection.primary)
    ra, dec = properties.get("hats_col_ra"), properties.get("hats_col_dec")
    if not ra or not dec:
        raise BadParameter(
            f"{collection.primary} has no positions: its properties lack hats_col_ra and hats_col_dec.",
            "Give an object or source catalog.",
        )
    return Catalog(
        name=wishes.name,
        title=wishes.title or properties.get("obs_title") or properties.get("obs_collection") or wishes.name,
        description=wishes.description or properties.get("obs_description", ""),
        columns=columns(collection, ra, dec),
        position=Position(ra=ra, dec=dec, epoch=wishes.epoch),
        rows=rows,
        rows_without_position=0,
        licence=wishes.licence or properties.get("obs_copyright", ""),
        citation=wishes.citation or properties.get("bib_reference", ""),
        readers=wishes.readers,
    )


def _shards(collection: Collection) -> Iterator[tuple[int, int, int, int]]:
    margin = _row_counts(collection.margin, collection.margin_suffix) if collection.margin else {}
    for (order, pixel), rows in _row_counts(collection.primary, collection.suffix).items():
        yield order, pixel, rows, margin.get((order, pixel), 0)


def _row_counts(table: Path, suffix: str) -> dict[tuple[int, int], int]:
    """Give the rows of each partition: from `_metadata`, which names every file, otherwise from each footer."""
    counted: Counter[str] = Counter()
    metadata = table / layout.DATASET / layout.METADATA
    if metadata.is_file():
        footer = pq.read_metadata(metadata)
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            counted[group.column(0).file_path] += group.num_rows
    counts = {}
    for order, pixel in hats.cells(table):
        path = table / layout.partition(order, pixel, suffix)
        if not path.exists():
            raise BadParameter(
                f"The partition {path} is missing, though {layout.PARTITION_INFO} lists it.", "Copy the catalog again."
            )
        known = counted.get(layout.partition_in_dataset(order, pixel, suffix).as_posix())
        files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        counts[order, pixel] = known or sum(pq.read_metadata(file).num_rows for file in files)
    return counts
