"""The text of SQL, for the engine: what sqlglot writes for DuckDB, in a third of its time. Changes no tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.generators.duckdb import DuckDBGenerator

from uraniborg_portal.adql.words import in_double_quotes

NOTHING: Mapping[str, exp.Query] = {}


def text_of(query: exp.Query, sources: Mapping[str, exp.Query] = NOTHING) -> str:
    """Give the text of a query; a table that has the name of a source is read as that sub-query.

    Trees may share branches: each is written once.
    """
    return Writer(sources).generate(query, copy=False)


class Writer(DuckDBGenerator):
    """Writes SQL for DuckDB; one writer writes one query."""

    # What sqlglot does to a SELECT of another dialect walks the whole query four times; ours need none of it.
    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {
        kind: write for kind, write in DuckDBGenerator.TRANSFORMS.items() if kind is not exp.Select
    }

    def __init__(self, sources: Mapping[str, exp.Query]) -> None:
        super().__init__(dialect=DuckDB, comments=False)
        self.sources = sources
        self.written: dict[int, tuple[exp.Expr, str]] = {}
        """The text of branches that may be shared, by their identity; with them, so that no other gets it."""

    def table_parts(self, expression: exp.Table) -> str:
        """Write the name of a table, or what reads it."""
        source = self.sources.get(expression.name)
        return super().table_parts(expression) if source is None else f"({self.sql(source)})"

    def identifier_sql(self, expression: exp.Identifier) -> str:
        """Write a name."""
        args = expression.args
        return in_double_quotes(args["this"]) if args.get("quoted") else super().identifier_sql(expression)

    def column_sql(self, expression: exp.Column) -> str:
        """Write a column; none of ours has more than a table before its name."""
        args = expression.args
        name, table = self.sql(args["this"]), args.get("table")
        return name if table is None else f"{self.sql(table)}.{name}"

    def alias_sql(self, expression: exp.Alias) -> str:
        """Write a value and its name; sqlglot itself makes some without a name."""
        name = expression.args.get("alias")
        return f"{self.sql(expression.args['this'])} AS {self.sql(name)}" if name else super().alias_sql(expression)

    def nullif_sql(self, expression: exp.Nullif) -> str:
        """Write NULLIF, which stands around most columns."""
        return f"NULLIF({self.sql(expression.args['this'])}, {self.sql(expression.args['expression'])})"

    # A deep query has many of these inside each other: a frame of Python more for each is one too many.
    def paren_sql(self, expression: exp.Paren) -> str:
        """Write a value in parentheses."""
        known = self.written.get(id(expression))
        if known is None:
            known = self.written[id(expression)] = (expression, f"({self.sql(expression.args['this'])})")
        return known[1]

    def anonymous_sql(self, expression: exp.Anonymous) -> str:
        """Write the call of a function."""
        known = self.written.get(id(expression))
        if known is None:
            known = self.written[id(expression)] = (expression, super().anonymous_sql(expression))
        return known[1]

    def cast_sql(self, expression: exp.Cast, safe_prefix: str | None = None) -> str:
        """Write CAST."""
        known = self.written.get(id(expression))
        if known is None:
            known = self.written[id(expression)] = (expression, super().cast_sql(expression, safe_prefix))
        return known[1]
