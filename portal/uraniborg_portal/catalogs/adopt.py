"""Adds a HATS catalog that exists already: used in place, also on another host, or copied by hard links."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from uraniborg_portal.catalogs import description, hats, layout, versions
from uraniborg_portal.catalogs.footers import described
from uraniborg_portal.catalogs.hard_links import share
from uraniborg_portal.catalogs.install import incoming
from uraniborg_portal.catalogs.models import Catalog, Collection, Position
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import BadParameter

Told = Callable[[tuple[str, ...]], None]
MIRRORED = "mirrored"
"""The folder, in that of a version, of the metadata of a table on another host."""


def unsaid(left_out: tuple[str, ...]) -> None:
    """Tell nobody which columns are left out."""


def adopt(
    source: Path, wishes: Wishes, folder: Path, *, in_place: bool, manner: Manner | None = None, told: Told = unsaid
) -> Catalog:
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
    told
        Hears the names of the columns that are left out, as no query can read them.

    Raises
    ------
    BadParameter
        The folder is no HATS catalog with positions, or files of it are missing.
    Conflict
        The name is taken, and is not to be replaced.
    """
    source = source.resolve()
    stored = _stored(hats.open_collection(source), wishes, str(source) if in_place else ".", told)

    def write(work: Path) -> description.Stored:
        if not in_place:
            shutil.copytree(source, work, copy_function=share, dirs_exist_ok=True)
        return stored

    return _added(write, wishes.name, folder, manner or Manner())


def adopt_remote(url: str, wishes: Wishes, folder: Path, manner: Manner | None = None, told: Told = unsaid) -> Catalog:
    """Add the HATS collection or table at an https, http or s3 URL below `folder`: its metadata, and no row.

    `manner` and `told` are those of `adopt`.

    Raises
    ------
    BadParameter
        The URL leads to no HATS catalog with positions.
    Conflict
        The name is taken, and is not to be replaced.
    Unavailable
        The host does not answer.
    """
    # It imports an HTTP client, which takes longer than all else here.
    from uraniborg_portal.catalogs.mirror import mirror

    def write(work: Path) -> description.Stored:
        origin = mirror(url, work / MIRRORED)
        collection = replace(hats.open_collection(work / MIRRORED), origin=origin)
        return _stored(collection, wishes, MIRRORED, told)

    return _added(write, wishes.name, folder, manner or Manner())


def _added(write: Callable[[Path], description.Stored], name: str, folder: Path, manner: Manner) -> Catalog:
    number = max(versions.numbers(folder, name), default=0) + 1 if manner.replace else 1
    with incoming(folder, name, number, restart=manner.restart) as work:
        stored = write(work)
        catalog = replace(stored.catalog, version=str(number))
        description.write(replace(stored, catalog=catalog), work)
    versions.publish(folder, name, number)
    versions.prune(folder, name, manner.keep)
    return catalog


def _stored(collection: Collection, wishes: Wishes, place: str, told: Told) -> description.Stored:
    shards = tuple(_shards(collection))
    catalog = _catalog(collection, wishes, sum(rows for _, _, rows, _ in shards), told)
    return description.Stored(catalog=catalog, collection=place, shards=shards, origin=collection.origin)


def _catalog(collection: Collection, wishes: Wishes, rows: int, told: Told) -> Catalog:
    properties = hats.table_properties(collection.primary)
    ra, dec = properties.get("hats_col_ra"), properties.get("hats_col_dec")
    if not ra or not dec:
        raise BadParameter(
            f"{collection.primary} has no positions: its properties lack hats_col_ra and hats_col_dec.",
            "Give an object or source catalog.",
        )
    found = described(collection, ra, dec)
    told(found.left_out)
    return Catalog(
        name=wishes.name,
        title=wishes.title or properties.get("obs_title") or properties.get("obs_collection") or wishes.name,
        description=wishes.description or properties.get("obs_description", ""),
        columns=found.columns,
        position=Position(ra=ra, dec=dec, epoch=wishes.epoch),
        rows=rows,
        rows_without_position=0,
        licence=wishes.licence or properties.get("obs_copyright", ""),
        citation=wishes.citation or properties.get("bib_reference", ""),
        readers=wishes.readers,
    )


def _shards(collection: Collection) -> Iterator[tuple[int, int, int, int]]:
    margin = _row_counts(collection.margin, collection.margin_suffix) if collection.margin else {}
    here = collection.origin is None
    for (order, pixel), rows in _row_counts(collection.primary, collection.suffix, here=here).items():
        yield order, pixel, rows, margin.get((order, pixel), 0)


def _row_counts(table: Path, suffix: str, *, here: bool = True) -> dict[tuple[int, int], int]:
    """Give the rows of each partition: from `_metadata`, which names every file, otherwise from each footer.

    Its files are looked at only where they are `here`.
    """
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
        known = counted.get(layout.partition_in_dataset(order, pixel, suffix).as_posix())
        if not (path.exists() if here else known):
            raise BadParameter(
                f"The partition {path} is missing, though {layout.PARTITION_INFO} lists it.", "Copy the catalog again."
            )
        files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
        counts[order, pixel] = known or sum(pq.read_metadata(file).num_rows for file in files)
    return counts
