"""Looks whether a catalog on disk is what its description says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs.ingest.director import is_followed
from uraniborg_portal.catalogs.layout import HEALPIX_ORDER
from uraniborg_portal.catalogs.models import Catalog, Shard
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.shard import Indices
from uraniborg_portal.errors import NotFound, Unavailable


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that a check found."""

    text: str
    serious: bool = True
    """False where answers are right, only slower."""


def findings(
    registry: CatalogRegistry, name: str, done: Callable[[float], None] = lambda fraction: None
) -> Iterator[Finding]:
    """Give everything that is wrong with a catalog; nothing where it is whole.

    Every shard and margin file is opened: it is there, has as many rows as the description says, has the columns that
    it names, and its HEALPix indices lie in its cell and rise in each of its files. Of a catalog on another host these
    are the shards that were fetched.
    """
    catalog, collection, shards = registry.get(name), registry.collection(name), registry.shards(name)
    wanted = {column.name for column in catalog.columns}
    unsorted = absent = 0
    for number, shard in enumerate(shards, 1):
        if shard.url and not shard.path.exists():
            absent += 1
            continue
        yield from _unlike(shard.files, shard.rows, wanted)
        yield from _unlike(shard.margin_files, None, wanted)
        if collection.healpix_column and collection.healpix_order == HEALPIX_ORDER:
            parts = _indices(shard, collection.healpix_column)
            yield from _misplaced(shard, np.concatenate([np.empty(0, np.int64), *parts]))
            unsorted += any((part[1:] < part[:-1]).any() for part in parts)
        done(number / len(shards))
    total = sum(shard.rows for shard in shards)
    if total != catalog.rows:
        yield Finding(text=f"The shards have {total:,} rows, the description says {catalog.rows:,}.")
    yield from _apart(catalog, registry)
    if absent:
        what = f"{absent:,} of {len(shards):,} shards are not on this machine"
        yield Finding(text=f"{what}: each is looked at when a query fetches it.", serious=False)
    if unsorted:
        what = f"{unsorted} of {len(shards)} shards are not sorted by {collection.healpix_column}"
        yield Finding(text=f"{what}: queries of small areas read more than they need.", serious=False)


def is_left(catalog: Catalog, registry: CatalogRegistry) -> bool:
    """Tell whether the rows to which a catalog's own belong are no longer where these lie."""
    try:
        return catalog.of is not None and not is_followed(catalog.of, registry.get(catalog.of.catalog))
    except (NotFound, Unavailable):
        return True


def _apart(catalog: Catalog, registry: CatalogRegistry) -> Iterator[Finding]:
    if catalog.of and is_left(catalog, registry):
        what = f"Its rows lie where version v{catalog.of.version} of {catalog.of.catalog} had theirs, which is gone"
        yield Finding(text=f"{what}: joins by {catalog.of.column} read all of both. Add it anew.", serious=False)


def _unlike(files: tuple[Path, ...], rows: int | None, wanted: set[str]) -> Iterator[Finding]:
    found = 0
    for path in files:
        try:
            footer = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            yield Finding(text=f"{path} can't be read: {str(error).partition(chr(10))[0]}.")
            return
        found += footer.metadata.num_rows
        absent = wanted - set(footer.schema_arrow.names)
        if absent:
            yield Finding(text=f"{path} lacks the columns {', '.join(sorted(absent))}.")
    if rows is not None and found != rows:
        yield Finding(text=f"{files[0] if files else 'A shard'} has {found:,} rows, the description says {rows:,}.")


def _indices(shard: Shard, column: str) -> list[Indices]:
    """Give the HEALPix indices of each file of a shard, none where one can't be read: another check says so."""
    found = []
    for path in shard.files:
        try:
            index = pq.read_table(path, columns=[column], partitioning=None)[column]
        except (OSError, KeyError, pa.ArrowException):
            return []
        found.append(index.to_numpy().astype(np.int64))
    return found


def _misplaced(shard: Shard, index: Indices) -> Iterator[Finding]:
    first, after = shard.healpix_range
    if len(index) and (index.min() < first or index.max() >= after):
        yield Finding(text=f"{shard.path} holds rows outside of its cell (order {shard.order}, pixel {shard.pixel}).")
