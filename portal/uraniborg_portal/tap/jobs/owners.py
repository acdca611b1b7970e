"""Who a query runs for: with what its owner may read when it runs, not when it was made."""

from __future__ import annotations

import asyncio

from uraniborg_portal.catalogs.readable import ReadableCatalogs
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.identity.hub_users import HubUsers
from uraniborg_portal.identity.models import User
from uraniborg_portal.obscore.holdings import Holdings
from uraniborg_portal.user_tables.tables import UserTables


class Owners:
    """The engine as the owners of queries may use it."""

    def __init__(
        self,
        engine: Engine,
        catalogs: CatalogRegistry,
        tables: UserTables,
        holdings: Holdings,
        users: HubUsers | None,
    ) -> None:
        self.engine = engine
        self.catalogs = catalogs
        self.tables = tables
        self.users = users
        """Who knows the groups of users; None where the portal runs alone."""
        self.holdings = holdings

    async def engine_of(self, owner: str | None, portal: str) -> Engine:
        """Give the engine over what an owner may read now; None is nobody.

        `portal` is its absolute URL as the owner reached it.

        Raises
        ------
        Unavailable
            Catalogs have readers, or tables are shared, and the hub does not say whether the owner is one.
        """
        user = await self.user(owner) if owner is not None else None
        readable = ReadableCatalogs(self.catalogs, user)
        datasets = self.holdings.table(user, readable, portal)
        return self.engine.reading(readable, self.tables.readable(user), datasets)

    async def user(self, name: str) -> User | None:
        """Give a user; the hub is asked only where a catalog has readers, or a user's table is shared."""
        if self.users is None:
            return User(name=name)
        if await asyncio.to_thread(self.groups_matter):
            return await self.users.user(name)
        return User(name=name)

    def groups_matter(self) -> bool:
        """Say whether what a user may read depends on groups."""
        return any(catalog.readers is not None for catalog in self.catalogs.all()) or self.tables.store.are_shared()
