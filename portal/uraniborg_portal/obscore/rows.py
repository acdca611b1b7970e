"""Datasets as rows of `ivoa.obscore`; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urljoin

import pyarrow as pa

from uraniborg_portal import links
from uraniborg_portal.engine.arrow import schema
from uraniborg_portal.formats.votable import LINKS_TYPE
from uraniborg_portal.obscore.columns import COLUMNS
from uraniborg_portal.obscore.identifiers import prefix_of
from uraniborg_portal.obscore.models import Dataset


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the portal is, for addresses and identifiers that others use."""

    portal: str
    """Absolute URL of the portal, with a slash at its end."""
    authority: str
    """The publisher's IVOA authority; empty where the settings name none."""

    def at(self, path: str) -> str:
        """Give the absolute URL of a path below the portal, or of what is elsewhere."""
        return urljoin(self.portal, path)

    def identifier(self, dataset: Dataset) -> str:
        """Give the publisher's identifier of a dataset."""
        return prefix_of(self.authority) + dataset.key


def table_of(datasets: Iterable[Dataset], site: Site) -> pa.Table:
    """Give the rows of datasets."""
    return pa.Table.from_pylist([row_of(dataset, site) for dataset in datasets], schema=schema(COLUMNS))


def row_of(dataset: Dataset, site: Site) -> dict[str, object]:
    """Give the row of one dataset: it leads to the file where there is one only, to DataLink where there is more."""
    identifier = site.identifier(dataset)
    url, kind = site.at(f"{links.DATALINK}?ID={quote(identifier, safe='')}"), LINKS_TYPE
    if len(dataset.itself) == len(dataset.files) == 1:
        url, kind = site.at(dataset.itself[0].url), dataset.itself[0].content_type
    sizes = [link.size for link in dataset.itself if link.size is not None]
    return {
        **asdict(dataset.observation),
        "obs_collection": dataset.collection,
        "obs_id": dataset.key.rpartition("/")[2],
        "obs_title": dataset.title,
        "obs_publisher_did": identifier,
        "obs_creation_date": None if dataset.created is None else moment(dataset.created),
        "access_url": url,
        "access_format": kind,
        "access_estsize": -(-sum(sizes) // 1000) if sizes else None,
    }


def moment(seconds: float) -> str:
    """Give a time in UTC as DALI 1.1 writes it (section 3.1.2)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
