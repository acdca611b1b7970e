"""A parsed query bound to tables: every name known, every value typed, no text of the user left in the SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from uraniborg_portal.adql.bind_queries import QueryBinder
from uraniborg_portal.adql.models import BoundQuery, Places, Table
from uraniborg_portal.adql.parse import parse
from uraniborg_portal.adql.udf.objects import objects_named
from uraniborg_portal.errors import QueryRefused

PlacesOf = Callable[[tuple[str, ...]], Places]
TOO_LONG = "Split it with WITH, or write long lists with IN (...)."


def nowhere(names: tuple[str, ...]) -> Places:
    """Give no position for any name."""
    return dict.fromkeys(names, "names of objects are not known here")


def bind(text: str, tables: Mapping[str, Table], places_of: PlacesOf = nowhere) -> BoundQuery:
    """Give the query that a text asks of these tables (by name in lower case).

    `places_of` gives the positions of the objects that the text names.

    Raises
    ------
    QueryRefused
        It is not ADQL 2.1, or it names what is not there.
    """
    try:
        tree = parse(text)
        binder = QueryBinder(text, tables, places_of(objects_named(tree)))
        sql, terms = binder.specification(tree)
    except RecursionError as error:
        raise QueryRefused("The query has too many terms in a row.", TOO_LONG) from error
    return BoundQuery(
        sql=sql,
        columns=tuple(term.column for term in terms),
        origins=tuple(term.origin for term in terms),
        scans=binder.finished(),
        top=top_of(sql),
        notes=tuple(dict.fromkeys(binder.notes)),
    )


def top_of(sql: exp.Query) -> int | None:
    """Give the rows that a query itself asks for at most."""
    limit = sql.args.get("limit")
    return int(limit.expression.name) if limit else None
