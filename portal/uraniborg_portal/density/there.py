"""The rows of catalogs, of which one that is used in place may have lost its files."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.readable import Catalogs
from uraniborg_portal.density.counts import Rows
from uraniborg_portal.errors import Unavailable

LOG = logging.getLogger(__name__)


def rows_of(catalogs: Catalogs, name: str) -> Rows:
    """Give the rows of a catalog.

    Raises
    ------
    NotFound
        There is none of that name.
    Unavailable
        It is used in place, and its files are no longer there.
    """
    return Rows(
        collection=catalogs.collection(name), shards=catalogs.shards(name), position=catalogs.get(name).position
    )


def there(catalogs: Catalogs, described: Iterable[Catalog]) -> Iterator[tuple[Catalog, Rows]]:
    """Give the catalogs whose files are there, with their rows; the log names the others."""
    for catalog in described:
        try:
            rows = rows_of(catalogs, catalog.name)
        except Unavailable as error:
            LOG.warning("the catalog %s is left out: %s", catalog.name, error.message)
        else:
            yield catalog, rows
