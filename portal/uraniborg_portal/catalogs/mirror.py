"""Copies what a HATS table on another host says of itself, and no row of it."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import hats, layout, properties
from uraniborg_portal.catalogs.models import Origin
from uraniborg_portal.catalogs.remote_files import RemoteFiles, files_at
from uraniborg_portal.errors import BadParameter, Unavailable

FOOTER_BYTES = 1 << 16
"""What is read of a file's end first: most footers are shorter."""
AT_ONCE = 16
"""Footers that are read at once."""
OPTIONAL = (
    f"{layout.DATASET}/{layout.METADATA}", f"{layout.DATASET}/{layout.COMMON_METADATA}", layout.POINT_MAP,
    layout.SKYMAP,
)  # fmt: skip


def mirror(url: str, folder: Path) -> Origin:
    """Write the metadata of the HATS collection or table at `url` into `folder`, as a table, and say where it is.

    Where it has no `_metadata`, that is made of the footers of its shards.

    Raises
    ------
    BadParameter
        There is no HATS catalog, or one that can't be read from there.
    Unavailable
        The host does not answer.
    """
    return asyncio.run(_mirrored(url.rstrip("/"), folder))


async def _mirrored(url: str, folder: Path) -> Origin:
    async with files_at(url) as files:
        collection = await files.read(layout.COLLECTION_PROPERTIES)
    if collection is not None:
        said = properties.parse(collection.decode("utf-8", "replace"))
        url = f"{url}/{hats.inside(url, said.get('hats_primary_table_url', '')).strip('/')}"
    async with files_at(url) as files:
        await _copy(url, files, folder)
        cells = _cells(url, folder)
        await _complete(files, folder, cells)
        return Origin(url=url, mark=_mark(url, folder), row_bytes=await _row_bytes(files, folder))


async def _copy(url: str, files: RemoteFiles, folder: Path) -> None:
    (folder / layout.DATASET).mkdir(parents=True)
    table = await files.read(layout.TABLE_PROPERTIES) or await files.read(layout.OLD_TABLE_PROPERTIES)
    partitions = await files.read(layout.PARTITION_INFO)
    if table is None or partitions is None:
        raise BadParameter(
            f"{url} is no HATS catalog: {layout.TABLE_PROPERTIES} and {layout.PARTITION_INFO} are wanted there.",
            "Give the address of the folder that LSDB opens.",
        )
    (folder / layout.TABLE_PROPERTIES).write_bytes(table)
    (folder / layout.PARTITION_INFO).write_bytes(partitions)
    for name in OPTIONAL:
        content = await files.read(name)
        if content is not None:
            (folder / name).write_bytes(content)


def _cells(url: str, folder: Path) -> tuple[Path, ...]:
    suffix = hats.table_properties(folder).get("hats_npix_suffix", layout.PARQUET_SUFFIX)
    if not Path(f"x{suffix}").suffix:
        raise BadParameter(
            f"{url} has a folder for each shard (hats_npix_suffix={suffix}), which nobody lists over a network.",
            "Copy the catalog to this machine, and add it with --in-place.",
        )
    return tuple(layout.partition(order, pixel, suffix) for order, pixel in hats.cells(folder))


async def _complete(files: RemoteFiles, folder: Path, shards: tuple[Path, ...]) -> None:
    dataset = folder / layout.DATASET
    metadata, common = dataset / layout.METADATA, dataset / layout.COMMON_METADATA
    if not shards:
        raise BadParameter(f"{layout.PARTITION_INFO} lists no partition.", "Give a catalog with rows.")
    if not metadata.exists():
        places = asyncio.Semaphore(AT_ONCE)

        async def footer(shard: Path) -> pq.FileMetaData:
            async with places:
                return await _footer(files, shard)

        footers = await asyncio.gather(*(footer(shard) for shard in shards))
        pq.write_metadata(footers[0].schema.to_arrow_schema(), metadata, metadata_collector=footers)
    if not common.exists():
        pq.write_metadata(pq.read_schema(metadata), common)


async def _footer(files: RemoteFiles, shard: Path) -> pq.FileMetaData:
    name = shard.as_posix()
    try:
        end = await files.tail(name, FOOTER_BYTES)
        # The last eight bytes are the length of the footer, and PAR1.
        length = int.from_bytes(end[-8:-4], "little") + 8
        if length > len(end):
            end = await files.tail(name, length)
        footer = pq.read_metadata(pa.BufferReader(end))
    except (FileNotFoundError, pa.ArrowException) as error:
        raise Unavailable(f"The partition {name} can't be read: {error}.", "Ask whoever runs that host.") from error
    footer.set_file_path(shard.relative_to(layout.DATASET).as_posix())
    return footer


async def _row_bytes(files: RemoteFiles, folder: Path) -> float | None:
    """Give the bytes of the first shard for each of its rows: what the host says without sending it."""
    footer = pq.read_metadata(folder / layout.DATASET / layout.METADATA)
    first = footer.row_group(0).column(0).file_path
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    rows = sum(group.num_rows for group in groups if group.column(0).file_path == first)
    try:
        size = await files.size(f"{layout.DATASET}/{first}")
    except FileNotFoundError as error:
        raise BadParameter(
            f"The partition {first} is missing, though {layout.METADATA} lists it.", "Ask whoever runs that host."
        ) from error
    return size / rows if size and rows else None


def _mark(url: str, folder: Path) -> str:
    found = hashlib.sha256(url.encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(path.read_bytes())
    return found.hexdigest()[:32]
