"""What one caller may read: the catalogs as they are for it, where the others don't exist."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from uraniborg_portal.catalogs.models import Catalog, Collection, Readers
from uraniborg_portal.catalogs.pruning import Pruning
from uraniborg_portal.catalogs.registry import CatalogRegistry, not_found
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.errors import BadParameter, NotFound, Unavailable
from uraniborg_portal.identity.models import User

EVERYONE = "everyone"
"""What opens a catalog to all whom the portal lets read."""
USER = "user:"
"""What the name of a user stands behind; without it a name is that of a group."""
NAME = re.compile(r"[^,\x00-\x1f\x7f]{1,255}")
ACCEPTED = f"Accepted: {EVERYONE}, or names of groups and {USER}NAME with commas between, as staff,{USER}tycho."


class Catalogs(Protocol):
    """Catalogs to read: all of them, or those of one caller."""

    def names(self) -> tuple[str, ...]:
        """Give the names of the catalogs, sorted."""
        ...

    def get(self, name: str) -> Catalog:
        """Give the description of a catalog, by its name in any case; NotFound where there is none."""
        ...

    def all(self) -> tuple[Catalog, ...]:
        """Give the descriptions of all of them, sorted by name."""
        ...

    def collection(self, name: str) -> Collection:
        """Give where a catalog is on disk; fails like `get`."""
        ...

    def shards(self, name: str) -> Shards:
        """Give the shards of a catalog along the HEALPix curve; fails like `get`."""
        ...

    def pruning(self, name: str) -> Pruning:
        """Give what is known of the shards beside their cells; fails like `get`."""
        ...


@dataclass(frozen=True)
class ReadableCatalogs:
    """The catalogs that one caller may read; asked for another one, it answers as if there were none of that name."""

    registry: CatalogRegistry
    user: User | None
    """Who asks; None for nobody."""

    def names(self) -> tuple[str, ...]:
        """Give the names of the catalogs, sorted; a damaged one, whose readers nobody knows, is left out."""
        return tuple(catalog.name for catalog in self.all())

    def get(self, name: str) -> Catalog:
        """Give the description of a catalog, by its name in any case.

        Raises
        ------
        NotFound
            No catalog that this caller may read has the name; the nearest names of those are its suggestions.
        """
        try:
            catalog = self.registry.get(name)
        except (NotFound, Unavailable) as error:
            raise not_found(name, self.names()) from error
        if not may_read(catalog, self.user):
            raise not_found(name, self.names())
        return catalog

    def all(self) -> tuple[Catalog, ...]:
        """Give the descriptions of all of them, sorted by name."""
        return tuple(catalog for catalog in self.registry.all() if may_read(catalog, self.user))

    def collection(self, name: str) -> Collection:
        """Give where a catalog is on disk; fails like `get`, and like `CatalogRegistry.collection`."""
        return self.registry.collection(self.get(name).name)

    def shards(self, name: str) -> Shards:
        """Give the shards of a catalog along the HEALPix curve; fails like `collection`."""
        return self.registry.shards(self.get(name).name)

    def pruning(self, name: str) -> Pruning:
        """Give what is known of the shards beside their cells; fails like `get`."""
        return self.registry.pruning(self.get(name).name)


def may_read(catalog: Catalog, user: User | None) -> bool:
    """Say whether a user may read a catalog; None is nobody."""
    readers = catalog.readers
    if readers is None:
        return True
    return user is not None and (user.name in readers.users or not user.groups.isdisjoint(readers.groups))


def readers_of(text: str) -> Readers | None:
    """Give the readers that a text names: `staff,user:tycho`; None where it is `everyone`.

    Raises
    ------
    BadParameter
        It names nobody, or is written in another way.
    """
    names = [name.strip() for name in text.split(",")]
    if names == [EVERYONE]:
        return None
    users = tuple(name.removeprefix(USER) for name in names if name.startswith(USER))
    groups = tuple(name for name in names if not name.startswith(USER))
    if EVERYONE in groups or not all(NAME.fullmatch(name) for name in (*users, *groups)):
        raise BadParameter(f"The readers {text[:80]!r} can't be understood.", ACCEPTED, field="readers")
    return Readers(groups=tuple(sorted(set(groups))), users=tuple(sorted(set(users))))


def readers_to_be(registry: CatalogRegistry, name: str, said: str | None, of: str | None = None) -> Readers | None:
    """Give who may read the next version of a catalog: whom a text names, without one who may read it now.

    Without either these are the readers of the catalog `of` to whose rows its own belong: it has their positions.

    Raises
    ------
    BadParameter
        As `readers_of` has it.
    """
    if said is not None:
        return readers_of(said)
    for known in (name, of):
        with suppress(NotFound):
            return registry.get(known).readers if known else None
    return None


def words(readers: Readers | None) -> str:
    """Give the text that `readers_of` reads."""
    return EVERYONE if readers is None else ",".join((*readers.groups, *(USER + name for name in readers.users)))
