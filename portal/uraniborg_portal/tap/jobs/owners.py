"""Who a query runs for: with what its owner may read when it runs, not when it was made."""

from __future__ import annotations

from uraniborg_portal.catalogs.readable import ReadableCatalogs
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.identity.hub_users import HubUsers
from uraniborg_portal.identity.models import User


class Owners:
    """The engine as the owners of queries may use it."""

    def __init__(self, engine: Engine, catalogs: CatalogRegistry, users: HubUsers | None) -> None:
        self.engine = engine
        self.catalogs = catalogs
        self.users = users
        """Who knows the groups of users; None where the portal runs alone."""

    async def engine_of(self, owner: str | None) -> Engine:
        """Give the engine over the catalogs that an owner may read now; None is nobody.

        Raises
        ------
        Unavailable
            Catalogs have readers, and the hub does not say whether the owner is one.
        """
        user = await self.user(owner) if owner is not None else None
        return self.engine.reading(ReadableCatalogs(self.catalogs, user))

    async def user(self, name: str) -> User | None:
        """Give a user; the hub is asked only where a catalog has readers."""
        if self.users is None or all(catalog.readers is None for catalog in self.catalogs.all()):
            return User(name=name)
        return await self.users.user(name)
