"""Compacts catalogs beside a portal: one after the other, each in a process that runs when nobody else wants to."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from uraniborg_portal.catalogs import layout
from uraniborg_portal.catalogs.compact import compact, is_compact
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.errors import PortalError

LOG = logging.getLogger(__name__)
COMMAND = (sys.executable, "-I", "-m", "uraniborg_portal.catalogs.compacting")
"""Isolated: neither the environment nor the working directory adds code to it."""
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
"""Its environment, besides a home, for which libraries look; the portal's own holds secrets."""
NICE = 19
LOOK_SECONDS, AGAIN_SECONDS = 60.0, 3600.0
"""Seconds between two looks, and until a version is tried again that could not be compacted."""


async def compact_always(registry: CatalogRegistry, after: float) -> None:
    """Compact what has not changed for `after` seconds, until cancelled; nothing for 0.

    Replicas of a portal do so at once: a catalog is compacted by the first that holds it. What is cancelled goes on
    with the next portal.
    """
    tried: dict[Path, float] = {}
    while after:
        for name, version in await asyncio.to_thread(lambda: list(due(registry, after, time.time()))):
            if time.monotonic() - tried.get(version, -AGAIN_SECONDS) >= AGAIN_SECONDS:
                tried[version] = time.monotonic()
                try:
                    await compacted(name, registry.folder)
                except OSError:
                    LOG.exception("no process could be started to compact the catalog %s", name)
        await asyncio.sleep(min(after, LOOK_SECONDS))


def due(registry: CatalogRegistry, after: float, now: float) -> Iterator[tuple[str, Path]]:
    """Give names, and folders of current versions, of catalogs to compact: published `after` seconds before `now`."""
    for name in registry.names():
        try:
            parts, version = registry.shards(name), registry.pruning(name).folder
            published = (version.parent / layout.CURRENT).stat().st_mtime
        except (PortalError, OSError):
            # One whose files are gone, or that another process removed just now.
            continue
        if not is_compact(parts) and now - published >= after:
            yield name, version


async def compacted(name: str, folder: Path) -> bool:
    """Compact a catalog below `folder` in a process of its own, and say whether it could be; the log has why not."""
    home = {name: value for name, value in os.environ.items() if name == "HOME"}
    process = await asyncio.create_subprocess_exec(
        *COMMAND, str(folder), name, env=ENVIRONMENT | home, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        LOG.warning("the catalog %s was not compacted: %s", name, said.decode("utf-8", "replace").strip()[-1000:])
    return not process.returncode


def main(folder: str, name: str) -> None:
    """Compact a catalog in this process, on one processor, and leave with a sentence where that can't be."""
    import pyarrow as pa

    os.nice(NICE)
    pa.set_cpu_count(1)
    try:
        compact(name, Path(folder))
    except PortalError as error:
        sys.exit(f"{error.message} {error.remedy}")


if __name__ == "__main__":
    main(*sys.argv[1:])
