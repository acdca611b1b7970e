"""FROM of ADQL: `<from_clause>`, tables, joins and sub-queries with names."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.conditions import Conditions
from uraniborg_portal.adql.reader import Memo, at
from uraniborg_portal.adql.surroundings import STRUCTURE
from uraniborg_portal.adql.tokens import Token

JOIN_STARTS = ("NATURAL", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "JOIN")


class FromClause(Conditions):
    """Reads what follows FROM."""

    def __init__(self, text: str, *, extensions: bool = True) -> None:
        super().__init__(text, extensions=extensions)
        self.sources_read: Memo = {}

    def joined_query(self) -> exp.Query:
        """Give joined tables as a query, the other form of `<query_expression>`."""
        if self.token.kind not in ("name", "delimited") and not self.sees("("):
            self.fail("'SELECT'")
        start, tables = self.token, self.joined()
        if not isinstance(tables, exp.Tuple):
            self.fail_found(start, start.described(), "'SELECT' or joined tables")
        return all_of(tables)

    def sources(self) -> exp.Expr:
        """Give what FROM names: tables joined by words or by commas."""
        left = self.joined()
        while self.sees(","):
            comma = self.take()
            left = source_pair(left, at(exp.Join(this=self.joined(), kind="CROSS"), comma))
        return left

    def joined(self) -> exp.Expr:
        """Give a table and the tables joined to it, from left to right."""
        left = self.source()
        while self.sees(*JOIN_STARTS):
            left = self.join(left)
        return left

    def join(self, left: exp.Expr) -> exp.Expr:
        """Give one join with its condition."""
        self.deeper()
        start = self.token
        natural, cross, kind = self.accept("NATURAL"), False, ""
        if not natural and self.sees("CROSS"):
            cross = bool(self.extension(self.take(), "CROSS JOIN is"))
        elif not self.accept("INNER") and self.sees("LEFT", "RIGHT", "FULL"):
            kind = self.take().text
            self.accept("OUTER")
        self.expect("JOIN")
        right = self.source()
        node = at(exp.Join(side=kind or None, method="NATURAL" if natural else None), start)
        if natural or cross:
            node.set("kind", "CROSS" if cross else None)
        else:
            while self.sees(*JOIN_STARTS):
                right = self.join(right)
            self.join_condition(node)
        node.set("this", right)
        self.depth -= 1
        return source_pair(left, node)

    def join_condition(self, node: exp.Join) -> None:
        """Read ON or USING into a join."""
        if self.accept("ON"):
            node.set("on", self.condition())
            return
        if not self.accept("USING"):
            self.fail("'ON' or 'USING'", "A join says how rows belong together; NATURAL JOIN uses equal names.")
        self.expect("(")
        names = [self.identifier("a column")]
        while self.accept(","):
            names.append(self.identifier("a column"))
        self.expect(")")
        node.set("using", names)

    def source(self) -> exp.Expr:
        """Give a table, a named sub-query, or joined tables between parentheses."""
        if not self.sees("("):
            return self.table()
        return self.once(self.sources_read, self.parenthesized_source)

    def parenthesized_source(self) -> exp.Expr:
        """Give what stands between parentheses in FROM."""
        if not self.is_query_ahead():
            return self.parenthesized_tables()
        if self.ahead().text != "(":
            return self.derived_table()
        return self.either(self.derived_table, self.parenthesized_tables)

    def derived_table(self) -> exp.Expr:
        """Give `( query ) [AS] name`."""
        start = self.token
        return self.named_query(self.subquery(), start)

    def named_query(self, query: exp.Query, start: Token) -> exp.Expr:
        """Give a query of FROM with the name that it must have."""
        if not (self.accept("AS") or self.token.kind in ("name", "delimited")):
            self.fail("a name for the sub-query", "Write (SELECT ...) AS name.")
        return at(exp.Subquery(this=query, alias=exp.TableAlias(this=self.identifier("a name"))), start)

    def parenthesized_tables(self) -> exp.Expr:
        """Give `( joined tables )`; with a name they are a sub-query of all their columns."""
        self.deeper()
        start = self.take()
        inner = self.joined()
        self.expect(")")
        self.depth -= 1
        if not isinstance(inner, exp.Tuple):
            self.fail_at(self.token, "parentheses in FROM hold a join or a sub-query")
        if self.sees("AS") or self.token.kind in ("name", "delimited"):
            return self.named_query(all_of(inner), start)
        return inner

    def is_query_ahead(self) -> bool:
        """Say whether the parentheses that open here hold a query rather than tables or values."""
        count = 0
        while self.ahead(count).text == "(" and self.ahead(count).kind == "symbol":
            count += 1
        return count > 0 and self.ahead(count).text == "SELECT" and self.ahead(count).kind == "keyword"

    def table(self) -> exp.Expr:
        """Give `[[catalog.]schema.]table [[AS] name]`."""
        token = self.token
        if token.kind == "string":
            self.fail("a table", "Tables are named without single quotes.")
        if token.kind == "keyword" and token.text in STRUCTURE:
            self.fail("a table")
        parts = [self.identifier("a table")]
        while self.accept("."):
            parts.append(self.identifier("a table"))
        if len(parts) > 3:
            self.fail_at(token, "a table has at most three names: catalog.schema.table")
        if self.sees("("):
            self.fail_at(token, "ADQL has no functions in FROM", "Name a table.")
        node = at(exp.Table(**dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))), token)
        if self.accept("AS") or self.token.kind in ("name", "delimited"):
            node.set("alias", exp.TableAlias(this=self.identifier("a name for the table")))
        return node


def source_pair(left: exp.Expr, join: exp.Join) -> exp.Tuple:
    """Give two sources and how they are joined."""
    return exp.Tuple(expressions=[left, join])


def all_of(tables: exp.Tuple) -> exp.Select:
    """Give the query of all columns of joined tables."""
    return exp.Select(expressions=[exp.Star()], from_=exp.From(this=tables))
