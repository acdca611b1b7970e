"""The query workers for the catalogs that are installed now."""

from __future__ import annotations

import logging
from pathlib import Path

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.current import CurrentWorkers, lacks
from uraniborg_portal.engine.process import Order
from uraniborg_portal.engine.workers import QueryWorkers, sweep
from uraniborg_portal.errors import Unavailable
from uraniborg_portal.settings import QueryLimits

LOG = logging.getLogger(__name__)


class ConfinedWorkers:
    """Workers that can open the folders of all installed catalogs and of users' tables, and no others.

    Safe to share between threads.

    A worker serves one caller after another: which of the folders a query reads is what its plan names.
    """

    def __init__(
        self,
        catalogs: CatalogRegistry,
        limits: QueryLimits,
        spill: Path,
        kept_in: Path | None = None,
        *,
        scans: bool = False,
    ) -> None:
        """Take what the workers' order says; they answer whole queries, or the steps of `scans`."""
        self._scans = scans
        self._catalogs = catalogs
        self._limits = limits
        self._spill = spill
        self._kept_in = frozenset({kept_in} if kept_in else ())
        self._workers = CurrentWorkers()

    def start(self) -> None:
        """Have a worker ready for the first query; in a process that answers many."""
        sweep(self._spill)
        order = self.order()
        if not lacks(order):
            self._workers.of(order).warm()

    def ready(self) -> QueryWorkers:
        """Give the workers; others take their place when catalogs come or go.

        Raises
        ------
        Unavailable
            There is no sandbox for them, and the settings want one.
        """
        return self._workers.of(self.order())

    def close(self) -> None:
        """End them."""
        self._workers.close()

    def order(self) -> Order:
        """Give what a worker is told now."""
        sandboxed = self._limits.sandbox == "required"
        return Order(
            folders=folders_of(self._catalogs) | self._kept_in, spill=self._spill, sandboxed=sandboxed,
            limits=self._limits, scans=self._scans,
        )  # fmt: skip


def folders_of(catalogs: CatalogRegistry) -> frozenset[Path]:
    """Give the folders of all installed catalogs, and of the shards that were fetched of those on other hosts."""
    return frozenset(folder for name in catalogs.names() for folder in folders_of_one(catalogs, name))


def folders_of_one(catalogs: CatalogRegistry, name: str) -> tuple[Path, ...]:
    """Give the folders of a catalog, with its versions; none, with a warning in the log, where its files are gone."""
    try:
        folders, own = catalogs.collection(name).folders, catalogs.folder / catalogs.known(name)
    except Unavailable as error:
        # Queries of the others are answered all the same.
        LOG.warning("queries can't read the catalog %s: %s", name, error.message)
        return ()
    # All versions: one that is published while a query is on its way is none that its worker can't open.
    return tuple(own if folder.is_relative_to(own) else folder for folder in folders)
