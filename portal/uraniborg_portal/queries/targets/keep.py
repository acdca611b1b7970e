"""Keeps tables and lists of targets as results are kept, for queries that will read them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.arrow import as_columns
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.bodies import MatchBody
from uraniborg_portal.queries.describe import position_of
from uraniborg_portal.queries.models import Description, ResultPosition, StoredResult
from uraniborg_portal.queries.store import ResultStore
from uraniborg_portal.queries.targets.match import without_main
from uraniborg_portal.queries.targets.models import DEC, NUMBER, RA, Match, Problem, TargetList
from uraniborg_portal.queries.uploads import LONGEST_TEXT

TOLD = 200
"""Problems that are told one by one; of others there is the number."""


@dataclass(frozen=True, kw_only=True)
class KeptList:
    """A list of targets that queries can name by its id, and what was left out of it."""

    stored: StoredResult
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, object]:
        """Give the answer of `POST api/targets`."""
        return {
            **self.stored.as_json(),
            "problems": [asdict(problem) for problem in self.problems[:TOLD]],
            "left_out": len(self.problems),
        }


def keep_table(
    store: ResultStore, table: pa.Table, columns: tuple[Column, ...], owner: str | None, notes: tuple[str, ...] = ()
) -> StoredResult:
    """Keep a table that somebody sent.

    Raises
    ------
    Unavailable
        The store is full or refuses.
    """
    described = description_of(table, columns, position_of(columns))
    return store.save(rows_of(as_columns(table, columns), columns), lambda: replace(described, notes=notes), owner)


def keep_list(store: ResultStore, found: TargetList, owner: str | None, text: str = "") -> KeptList:
    """Keep a list of targets; a short text of it is kept as well, so that the Python of a query can repeat it.

    Raises
    ------
    Unavailable
        The store is full or refuses.
    """
    columns = tuple(without_main(column) for column in found.columns)
    table = as_columns(found.table.select([column.name for column in columns]), columns)
    described = description_of(table, columns, ResultPosition(ra=RA, dec=DEC))
    short = text if len(text) <= LONGEST_TEXT else ""
    stored = store.save(rows_of(table, columns), lambda: replace(described, text=short), owner)
    return KeptList(stored=stored, problems=found.problems)


def rows_of(table: pa.Table, columns: tuple[Column, ...]) -> QueryResult:
    """Give a table that no query gave as the rows of one."""
    return QueryResult(table=table, columns=columns, overflow=False, adql="")


def match_of(body: MatchBody, store: ResultStore) -> Match:
    """Give how a kept list is matched.

    Raises
    ------
    NotFound
        It is not kept any more.
    BadParameter
        The id is that of another table.
    """
    columns = store.get(body.id).description.columns
    if not {NUMBER, RA, DEC} <= {column.name for column in columns}:
        raise BadParameter("This table is no list of targets.", "Make one of it: POST api/targets.", field="targets")
    return Match(list=body.id, columns=columns, nearest=body.nearest, keep_all=body.keep_all)


def description_of(table: pa.Table, columns: tuple[Column, ...], position: ResultPosition | None) -> Description:
    """Describe a table that no query gave."""
    return Description(
        rows=table.num_rows, requested=table.num_rows, overflow=False, columns=columns, position=position, epoch=None,
        notes=(), seconds=0.0,
    )  # fmt: skip
