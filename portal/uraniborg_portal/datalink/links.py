"""The table of links (DataLink 1.1, section 3.2): a row for each link, and one with the reason where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.datalink.request import MOST_IDENTIFIERS, LinksRequest
from uraniborg_portal.engine.arrow import schema
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.errors import NotFound
from uraniborg_portal.obscore.models import THIS, Dataset, Link

_TEXTS = (
    ("ID", "meta.id;meta.main", "identifier as it was given"),
    ("access_url", "meta.ref.url", "where the link leads"),
    ("service_def", "meta.ref", "service that the link is a use of"),
    ("error_message", "meta.code.error", "why there is no link"),
    ("description", "meta.note", "what the link leads to"),
    ("semantics", "meta.code", "what that is to the dataset"),
    ("content_type", "meta.code.mime", "media type of what the link leads to"),
)
COLUMNS = (
    *(
        Column(name=name, datatype="char", arraysize="*", ucd=ucd, description=text, principal=True)
        for name, ucd, text in _TEXTS
    ),
    Column(
        name="content_length", datatype="long", unit="byte", ucd="phys.size;meta.file", description="size of that",
        principal=True,
    ),
)  # fmt: skip
"""Those that are mandatory."""

Find = Callable[[Sequence[str]], Iterable[Dataset | NotFound]]
"""Gives the dataset of each identifier; NotFound where there is none for the caller."""


def links_of(asked: LinksRequest, find: Find, at: Callable[[str], str]) -> QueryResult:
    """Give the links of what is asked for; `at` gives the absolute URL of a path below the portal."""
    answered = asked.identifiers[:MOST_IDENTIFIERS]
    found = list(islice(rows_of(answered, find, at), asked.most + 1))
    table = pa.Table.from_pylist(found[: asked.most], schema=schema(COLUMNS))
    overflow = len(found) > asked.most or len(asked.identifiers) > len(answered)
    return QueryResult(table=table, columns=COLUMNS, overflow=overflow, adql="")


def rows_of(identifiers: Sequence[str], find: Find, at: Callable[[str], str]) -> Iterator[dict[str, object]]:
    """Give the rows of some identifiers, those of one after those of the other."""
    for identifier, found in zip(identifiers, find(identifiers), strict=True):
        if isinstance(found, NotFound):
            yield {"ID": identifier, "error_message": f"NotFoundFault: {found.message}", "semantics": THIS}
        else:
            yield from (row_of(identifier, link, at) for link in found.links)


def row_of(identifier: str, link: Link, at: Callable[[str], str]) -> dict[str, object]:
    """Give the row of one link."""
    return {
        "ID": identifier,
        "access_url": at(link.url),
        "description": link.description,
        "semantics": link.semantics,
        "content_type": link.content_type,
        "content_length": link.size,
    }
