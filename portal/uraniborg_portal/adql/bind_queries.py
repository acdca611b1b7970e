"""Whole queries bound: SELECT, grouping, order, set operations and WITH."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from uraniborg_portal.adql.bind_sources import SourceBinder
from uraniborg_portal.adql.bind_values import plain
from uraniborg_portal.adql.datatypes import text_type, wider
from uraniborg_portal.adql.grouping import bare, is_aggregated, loose_column
from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Places, Table, Term
from uraniborg_portal.adql.scope import Named, Scope, matching
from uraniborg_portal.catalogs.layout import HEALPIX_COLUMN

Bound = tuple[exp.Query, tuple[Term, ...]]
LARGEST_COUNT = 2**62
MOST_DIGITS = 9
MOST_COLUMNS = 4_000
"""Columns of a query: a worker's names and types are read up to a million bytes."""


class QueryBinder(SourceBinder):
    """Binds queries."""

    def __init__(self, text: str, tables: Mapping[str, Table], places: Places) -> None:
        super().__init__(text, tables, places)
        self.named = {}

    def specification(self, query: exp.Query) -> Bound:
        """Bind the whole query with its WITH."""
        entries = []
        for entry in query.args["with_"].expressions if query.args.get("with_") else ():
            name = entry.args["alias"].this
            if name.this.lower() in self.named:
                self.fail(name, f"two queries of WITH are called {name.this!r}")
            sql, terms = self.query_columns(entry.this, Scope())
            key = self.fresh("with_")
            self.named[name.this.lower()] = (name, key, terms)
            entries.append(exp.CTE(this=sql, alias=exp.TableAlias(this=quoted(key))))
        sql, terms = self.query_columns(query, Scope())
        if entries:
            sql.set("with_", exp.With(expressions=entries))
        return sql, terms

    def query_columns(self, query: exp.Query, scope: Scope) -> Bound:
        """Bind a query; its SQL names each column as its term."""
        if isinstance(query, exp.Select):
            return self.select(query, scope)
        return self.set_operation(query, scope)

    def set_operation(self, node: exp.Query, scope: Scope) -> Bound:
        """Bind UNION, EXCEPT or INTERSECT."""
        left, left_terms = self.query_columns(node.this, scope)
        right, right_terms = self.query_columns(node.expression, scope)
        if len(left_terms) != len(right_terms):
            counts = f"{len(left_terms)} and {len(right_terms)}"
            self.fail(node, f"the two sides of {node.key.upper()} have {counts} columns, expected the same number")
        terms = tuple(self.either_term(node, a, b) for a, b in zip(left_terms, right_terms, strict=True))
        sql = type(node)(this=member(left), expression=member(right), distinct=bool(node.args.get("distinct")))
        output = tuple(
            (term.column.name, replace(term, sql=exp.Column(this=quoted(term.column.name)))) for term in terms
        )
        self.ordering(node, sql, Scope(star=output), output, only_output=True)
        return sql, terms

    def either_term(self, node: exp.Expr, left: Term, right: Term) -> Term:
        """Give the column of a set operation."""
        self.comparable(node, left, right)
        if isinstance(left.sql, exp.Null):
            return right.named(left.column.name)
        datatype = text_type(left.datatype, right.datatype) if left.is_text else wider(left.datatype, right.datatype)
        same_origin = left.origin is not None and left.origin == right.origin
        return replace(
            left, column=replace(plain(left.column), datatype=datatype), origin=left.origin if same_origin else None
        )

    def select(self, node: exp.Select, around: Scope) -> Bound:
        """Bind SELECT."""
        outer = around if around.relations or around.around else None
        sources = self.sources(node.args["from_"].this, outer)
        scope = Scope(relations=sources.relations, star=sources.star, merged=sources.merged, around=outer)
        sql = exp.Select(from_=exp.From(this=sources.sql))
        if node.args.get("where"):
            self.where_clause(node.args["where"].this, sql, scope)
        output = self.output(node, scope)
        sql.set("expressions", [exp.Alias(this=term.sql, alias=quoted(name)) for name, term in output])
        if node.args.get("distinct"):
            sql.set("distinct", exp.Distinct())
        groups = self.grouped_query(node, sql, scope, output)
        self.ordering(node, sql, scope, output)
        self.check_order(node, sql, scope, output, groups)
        self.limits(node, sql)
        return sql, tuple(term.named(name) for name, term in output)

    def where_clause(self, condition: exp.Expr, sql: exp.Select, scope: Scope) -> None:
        """Bind WHERE; it narrows what is read of this query's own tables."""
        bound = self.condition(condition, replace(scope, filters=True))
        if is_aggregated(bound.sql):
            self.refuse_aggregate(condition, "WHERE")
        self.narrow(bound.cover, scope)
        sql.set("where", exp.Where(this=bound.sql))

    def output(self, node: exp.Select, scope: Scope) -> tuple[Named, ...]:
        """Bind the list after SELECT; every column gets a name of its own."""
        found: list[Named] = []
        for item in node.expressions:
            found += self.items(item, scope)
        if len(found) > MOST_COLUMNS:
            self.fail(
                node, f"the query gives {len(found):,} columns; accepted: {MOST_COLUMNS:,}", "Name those you need."
            )
        taken: dict[str, int] = {}
        return tuple((unique(name, taken), term) for name, term in found)

    def items(self, item: exp.Expr, scope: Scope) -> Sequence[Named]:
        """Bind one entry of the list: `*`, `table.*` or a value."""
        if isinstance(item, exp.Star):
            return [(name, self.use(term)) for name, term in scope.star]
        if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
            parts = tuple(item.args[key] for key in ("table", "db", "catalog") if item.args.get(key))
            columns = scope.candidates(parts)
            if not columns:
                self.fail(item, f"no table in FROM is called {parts[0].name!r}")
            return [(name, self.use(term)) for name, term in columns]
        value = item.this if isinstance(item, exp.Alias) else item
        term = self.scalar(value, scope)
        return [(item.alias if isinstance(item, exp.Alias) else term.column.name, term)]

    def grouped_query(
        self, node: exp.Select, sql: exp.Select, scope: Scope, output: tuple[Named, ...]
    ) -> list[exp.Expr] | None:
        """Bind GROUP BY and HAVING, and check that every value is one per group.

        Gives what the groups are made by: nothing where all rows are one, None where every row is for itself.
        """
        values = node.args["group"].expressions if node.args.get("group") else ()
        groups = [self.group_value(value, scope, output) for value in values]
        for value, group in zip(values, groups, strict=True):
            if is_aggregated(group):
                self.refuse_aggregate(value, "GROUP BY")
        having = node.args["having"].this if node.args.get("having") else None
        if having is not None:
            sql.set("having", exp.Having(this=self.condition(having, scope).sql))
        # A function of the position has one value in each group: the engine is told so.
        groups += self.indices(groups)
        if groups:
            sql.set("group", exp.Group(expressions=groups))
        if not (groups or having is not None or any(is_aggregated(term.sql) for _, term in output)):
            return None
        groups = [bare(group) for group in groups]
        for name, term in output:
            place = next((item for item in node.expressions if item.alias_or_name in (name, "*")), node)
            self.check_grouped(place, term.sql, groups, scope)
        if having is not None:
            self.check_grouped(having, sql.args["having"].this, groups, scope)
        return groups

    def indices(self, groups: Sequence[exp.Expr]) -> list[exp.Expr]:
        """Give the HEALPix indices, as far as they are used, of tables whose positions rows are grouped by."""
        columns = [group for group in groups if isinstance(group, exp.Column)]
        found = []
        for alias in dict.fromkeys(column.table for column in columns):
            key = self.read_as.get(alias)
            where = self.scans[key].table.position if key and self.scans[key].healpix else None
            if key and where and {where.ra, where.dec} <= {column.name for column in columns if column.table == alias}:
                found.append(self.healpix(key, quoted(alias)))
        return found

    def check_grouped(self, place: exp.Expr, sql: exp.Expr, groups: list[exp.Expr], scope: Scope) -> None:
        """Refuse a column of this query's own tables that is neither grouped nor aggregated."""
        loose = loose_column(bare(sql), groups, scope.tables)
        if loose == HEALPIX_COLUMN:
            self.fail(
                place, "the HEALPix index of a position is neither in GROUP BY nor in an aggregate",
                "Add the same ivo_healpix_index(...) to GROUP BY, or both columns of the position.",
            )  # fmt: skip
        if loose is not None:
            self.fail(
                next((column for column in place.find_all(exp.Column) if column.name == loose), place),
                f"the column {loose!r} is neither in GROUP BY nor in an aggregate",
                "Add it to GROUP BY, or use MIN, MAX, AVG, SUM or COUNT.",
            )

    def check_order(
        self,
        node: exp.Select,
        sql: exp.Select,
        scope: Scope,
        output: tuple[Named, ...],
        groups: list[exp.Expr] | None,
    ) -> None:
        """Refuse an order that a row of the result does not have."""
        ordered = node.args["order"].expressions if node.args.get("order") else ()
        for place, by in zip(ordered, sql.args["order"].expressions if ordered else (), strict=True):
            if groups is not None:
                self.check_grouped(place, by.this, groups, scope)
            elif is_aggregated(by.this):
                self.fail(place, "an aggregate in ORDER BY needs GROUP BY, or an aggregate after SELECT")
            if node.args.get("distinct") and not is_shown(by.this, output):
                self.fail(place, "DISTINCT is sorted by what stands after SELECT", "Add the value there.")

    def group_value(self, value: exp.Expr, scope: Scope, output: tuple[Named, ...]) -> exp.Expr:
        """Bind a value of GROUP BY: a column, a value, or the name or number of one after SELECT."""
        value = name_in(value)
        if isinstance(value, exp.Column) and not value.table and not matching(value.this, scope.star):
            found = matching(value.this, output)
            if len(found) == 1:
                return no_place(found[0][1].sql)
        if isinstance(value, exp.Literal) and value.name.isdigit() and not value.meta.get("signed"):
            return no_place(output[self.ordinal(value, output)][1].sql)
        return no_place(self.scalar(value, scope).sql)

    def ordinal(self, value: exp.Literal, output: tuple[Named, ...]) -> int:
        """Give the index of a column by its number, from 1."""
        digits = value.name.lstrip("0")
        if not value.name.isdigit() or len(digits) > MOST_DIGITS or not 1 <= int(digits or "0") <= len(output):
            self.fail(value, f"column number {value.name[:20]} is not between 1 and {len(output)}")
        return int(digits) - 1

    def ordering(
        self, node: exp.Query, sql: exp.Query, scope: Scope, output: tuple[Named, ...], only_output: bool = False
    ) -> None:
        """Bind ORDER BY and OFFSET; NULL is larger than every value, as in PostgreSQL."""
        terms = []
        for ordered in node.args["order"].expressions if node.args.get("order") else ():
            descending = bool(ordered.args.get("desc"))
            value = self.order_value(ordered.this, scope, output, only_output)
            terms.append(exp.Ordered(this=value, desc=descending, nulls_first=descending))
        if terms:
            sql.set("order", exp.Order(expressions=terms))
        if node.args.get("offset"):
            sql.set("offset", exp.Offset(expression=self.count(node.args["offset"].expression)))

    def order_value(self, value: exp.Expr, scope: Scope, output: tuple[Named, ...], only_output: bool) -> exp.Expr:
        """Bind a value of ORDER BY: the name or number of a column after SELECT, or any value."""
        value = name_in(value)
        if isinstance(value, exp.Literal) and not (value.is_string or value.meta.get("signed")):
            return exp.Literal.number(self.ordinal(value, output) + 1)
        if isinstance(value, exp.Column) and not value.table:
            found = matching(value.this, output)
            if len(found) == 1:
                return exp.Column(this=quoted(found[0][0])) if only_output else no_place(found[0][1].sql)
        if only_output and not isinstance(value, exp.Column):
            self.fail(value, "the order of a set of queries is given by names or numbers of its columns")
        return no_place(self.scalar(value, scope).sql)

    def limits(self, node: exp.Select, sql: exp.Select) -> None:
        """Bind TOP."""
        if node.args.get("limit"):
            sql.set("limit", exp.Limit(expression=self.count(node.args["limit"].expression)))

    def count(self, literal: exp.Literal) -> exp.Literal:
        """Give a number of rows that the engine can count to."""
        return exp.Literal(this=str(min(int(literal.name.lstrip("0")[:30] or "0"), LARGEST_COUNT)), is_string=False)


def name_in(value: exp.Expr) -> exp.Expr:
    """Give the name that stands alone in parentheses, or the value as it is: a number there is no column's."""
    inner = value.unnest()
    return inner if isinstance(inner, exp.Column) else value


def is_shown(sql: exp.Expr, output: tuple[Named, ...]) -> bool:
    """Say whether a value of ORDER BY, or the column of its number, stands after SELECT."""
    return isinstance(sql, exp.Literal) or any(bare(no_place(term.sql)) == bare(sql) for _, term in output)


def no_place(sql: exp.Expr) -> exp.Expr:
    """Give a value that is sorted or grouped by; the engine takes a bare constant for the number of a column."""
    inner = sql
    while isinstance(inner, exp.Paren | exp.Neg):
        inner = inner.this
    if not isinstance(inner, exp.Literal | exp.Null):
        return sql
    return exp.Cast(this=sql.unnest(), to=exp.DataType.build("VARCHAR" if inner.is_string else "DOUBLE"))


def unique(name: str, taken: dict[str, int]) -> str:
    """Give the name, with a number behind it where it is taken, and take it.

    `taken` are names in lower case, each with the number that is tried next behind it.
    """
    candidate, count = name, taken.get(name.lower(), 2)
    while candidate.lower() in taken:
        candidate, count = f"{name}_{count}", count + 1
    taken[name.lower()] = count
    taken.setdefault(candidate.lower(), 2)
    return candidate


def member(query: exp.Query) -> exp.Expr:
    """Give a side of a set operation, in parentheses."""
    return exp.Paren(this=query) if isinstance(query, exp.SetOperation) or query.args.get("order") else wrapped(query)


def wrapped(query: exp.Query) -> exp.Expr:
    """Give a query with its own limits in parentheses."""
    limited = query.args.get("limit") or query.args.get("offset")
    return exp.Paren(this=query) if limited else query
