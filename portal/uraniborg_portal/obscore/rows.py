"""Datasets as rows of `ivoa.obscore`; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import pyarrow as pa

from uraniborg_portal import links
from uraniborg_portal.adql.models import RegionTest
from uraniborg_portal.engine.arrow import schema
from uraniborg_portal.formats.votable import LINKS_TYPE
from uraniborg_portal.obscore.columns import COLUMNS
from uraniborg_portal.obscore.identifiers import prefix_of
from uraniborg_portal.obscore.models import Dataset
from uraniborg_portal.obscore.regions import answer, area_of


@dataclass(frozen=True, kw_only=True)
class Site:
    """Where the portal is, for addresses and identifiers that others use."""

    portal: str
    """Absolute URL of the portal, with a slash at its end."""
    authority: str
    """The publisher's IVOA authority; empty where the settings name none."""

    def at(self, path: str) -> str:
        """Give the absolute URL of a path below the portal, or of what is elsewhere."""
        return path if path.startswith(("http://", "https://")) else self.portal + path

    def identifier(self, dataset: Dataset) -> str:
        """Give the publisher's identifier of a dataset."""
        return prefix_of(self.authority) + dataset.key


def table_of(datasets: Iterable[Dataset], site: Site, tests: Iterable[RegionTest] = ()) -> pa.Table:
    """Give the rows of datasets, and behind their columns what is asked of their regions."""
    table = pa.Table.from_pylist([row_of(dataset, site) for dataset in datasets], schema=schema(COLUMNS))
    for test in tests:
        area = area_of(test.shape)
        answers = [answer(test.relation, region, area) for region in table.column(test.column).to_pylist()]
        table = table.append_column(test.name, pa.array(answers, pa.bool_()))
    return table


def row_of(dataset: Dataset, site: Site) -> dict[str, object]:
    """Give the row of one dataset: it leads to the file where there is one only, to DataLink where there is more."""
    identifier = site.identifier(dataset)
    url, kind = site.at(f"{links.DATALINK}?ID={quote(identifier, safe='')}"), LINKS_TYPE
    if len(dataset.itself) == len(dataset.files) == 1:
        url, kind = site.at(dataset.itself[0].url), dataset.itself[0].content_type
    sizes = [link.size for link in dataset.itself if link.size is not None]
    return {
        **vars(dataset.observation),
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
