"""What the portal holds for one caller: products of their own jobs, and densities of catalogs that they may read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

    def find(self, identifiers: Sequence[str], catalogs: ReadableCatalogs) -> Iterator[Dataset | NotFound]:
        """Give the dataset of each publisher's identifier, in their order.

        Of one without a dataset the reason: there is none, or it is the density of a catalog that the caller may not
        read.
        """
        pairs = [(key_of(each, self.authority) or "").split("/", 1) for each in identifiers]
        wanted = {pair[1] for pair in pairs if pair[0] == products.COLLECTION and pair[-1].isalnum()}
        made = self.store.made(wanted)

        def found(identifier: str, key: list[str]) -> Dataset | NotFound:
            collection, name = key if len(key) == 2 else ("", "")
            try:
                if collection == products.COLLECTION and name in made:
                    return self._product(name)
                if collection == densities.COLLECTION and drawn(catalogs, name):
                    return densities.dataset_of(catalogs.get(name), catalogs.shards(name))
            except NotFound as error:
                return error
            return NotFound(f"No dataset here has the identifier {identifier[:120]!r}.")

        with ThreadPoolExecutor(AT_ONCE) as threads:
            yield from threads.map(found, identifiers, pairs)

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
