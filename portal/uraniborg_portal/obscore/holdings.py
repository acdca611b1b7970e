"""What the portal holds for one caller: products of their own jobs, and densities of catalogs that they may read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from uraniborg_portal.catalogs.readable import ReadableCatalogs
from uraniborg_portal.engine.models import ServiceTable
from uraniborg_portal.errors import NotFound
from uraniborg_portal.identity.models import User
from uraniborg_portal.instruments.products import Products
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.links import DATALINK
from uraniborg_portal.obscore import densities, products
from uraniborg_portal.obscore.columns import linked
from uraniborg_portal.obscore.identifiers import key_of
from uraniborg_portal.obscore.models import Dataset
from uraniborg_portal.obscore.rows import Site, table_of

REMEMBERED = 10_000
"""Products whose descriptions are remembered: they never change."""
AT_ONCE = 16
"""Descriptions that are read at the same time, where none is remembered and files are far away."""


class Holdings:
    """All datasets; each caller sees their own, and those of everybody."""

    def __init__(self, store: Store, products: Products, authority: str) -> None:
        self.store = store
        self.products = products
        self.authority = authority
        """The publisher's IVOA authority; empty where the settings name none."""
        self._product = lru_cache(maxsize=REMEMBERED)(self._read)

    def table(self, user: User | None, catalogs: ReadableCatalogs, portal: str) -> ServiceTable:
        """Give `ivoa.obscore` for a caller; `portal` is its absolute URL for the caller, with a slash at its end."""
        site = Site(portal=portal, authority=self.authority)
        return ServiceTable(
            table=linked(site.at(DATALINK)), rows=lambda tests: table_of(self.of_caller(user, catalogs), site, tests)
        )

    def of_caller(self, user: User | None, catalogs: ReadableCatalogs) -> Iterator[Dataset]:
        """Give the datasets that a caller may know of: to know a product's identifier is to be let read it."""
        for catalog in catalogs.all():
            if drawn(catalogs, catalog.name):
                yield densities.dataset_of(catalog, catalogs.shards(catalog.name))
        if user:
            made = [product.id for product in self.store.products(user.name, most=None)]
            with ThreadPoolExecutor(AT_ONCE) as threads:
                yield from filter(None, threads.map(self._product_or_none, made))

    def find(self, identifier: str, catalogs: ReadableCatalogs) -> Dataset:
        """Give the dataset of a publisher's identifier.

        Raises
        ------
        NotFound
            There is none, or it is the density of a catalog that the caller may not read.
        """
        collection, _, name = (key_of(identifier, self.authority) or "").partition("/")
        if collection == products.COLLECTION:
            return self._product(self.store.product(name).id)
        if collection == densities.COLLECTION and drawn(catalogs, name):
            return densities.dataset_of(catalogs.get(name), catalogs.shards(name))
        raise NotFound(f"No dataset here has the identifier {identifier[:120]!r}.")

    def _read(self, product: str) -> Dataset:
        return products.dataset_of(self.products.document(product))

    def _product_or_none(self, product: str) -> Dataset | None:
        """Give a product as a dataset, None where somebody removed its files."""
        try:
            return self._product(product)
        except NotFound:
            return None


def drawn(catalogs: ReadableCatalogs, name: str) -> bool:
    """Say whether a catalog has an image of its density: not where its rows are on another host."""
    return catalogs.collection(name).origin is None
