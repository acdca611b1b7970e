"""Queries of ADQL: `<query_specification>`, set operations, SELECT and FROM."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.from_clause import FromClause
from uraniborg_portal.adql.mistakes import WORDS, next_parts
from uraniborg_portal.adql.reader import at
from uraniborg_portal.adql.tokens import Token

SET_OPERATIONS = {"UNION": exp.Union, "EXCEPT": exp.Except, "INTERSECT": exp.Intersect}


class Queries(FromClause):
    """Reads whole queries."""

    def specification(self) -> exp.Query:
        """Give the whole query: `[WITH ...] SELECT ...` and nothing after it."""
        named = self.with_clause() if self.sees("WITH") else None
        if not self.sees("SELECT", "("):
            self.fail("'SELECT' or 'WITH'", "A query starts with SELECT; nothing else is answered.")
        query = self.select_expression()
        if self.token.kind != "end":
            self.fail_after()
        if self.token.text and not self.extensions:
            self.fail_at(self.token, "found ';' at the end: it is an extension of this service, not ADQL 2.1")
        if named:
            query.set("with_", named)
        return query

    def fail_after(self) -> None:
        """Refuse what follows a whole query."""
        self.fail(next_parts(self.tokens, self.index))

    def with_clause(self) -> exp.With:
        """Give `WITH name AS (query), ...`."""
        start = self.take()
        queries = []
        while True:
            name = self.identifier("the name of a query")
            self.expect("AS")
            queries.append(exp.CTE(this=self.parenthesized_query(), alias=exp.TableAlias(this=name)))
            if not self.accept(","):
                return at(exp.With(expressions=queries), start)

    def subquery(self) -> exp.Query:
        """Give `( query )`, or `( joined tables )` for all of their columns (`<subquery>`)."""
        return self.in_parentheses(or_tables=True)

    def parenthesized_query(self) -> exp.Query:
        """Give `( query )`, where the grammar has no tables."""
        return self.in_parentheses(or_tables=False)

    def in_parentheses(self, *, or_tables: bool) -> exp.Query:
        """Give what stands between parentheses."""
        self.deeper()
        self.expect("(")
        if or_tables and self.sees("("):
            query = self.either(self.joined_query, self.select_expression)
        elif or_tables and not self.sees("SELECT"):
            query = self.joined_query()
        elif self.sees("SELECT", "("):
            query = self.select_expression()
        else:
            self.fail("'SELECT'")
        self.expect(")")
        self.depth -= 1
        return query

    def select_expression(self) -> exp.Query:
        """Give a query or set of queries with its order and offset."""
        parenthesized = self.sees("(")
        query = self.set_expression()
        whole = query.args.get("order") or query.args.get("offset") or (parenthesized and isinstance(query, exp.Select))
        if self.sees("ORDER", "OFFSET") and whole:
            inner = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.Identifier(this="q", quoted=False)))
            query = exp.Select(expressions=[exp.Star()], from_=exp.From(this=inner))
        if self.sees("ORDER"):
            query.set("order", self.order())
        if self.accept("OFFSET"):
            query.set("offset", exp.Offset(expression=self.unsigned_integer("the number of rows to skip")))
        return query

    def set_expression(self) -> exp.Query:
        """Give `a UNION b EXCEPT c ...`, from left to right."""
        left = self.set_term()
        while self.sees("UNION", "EXCEPT"):
            left = self.set_operation(left, self.take(), self.set_term)
        return left

    def set_term(self) -> exp.Query:
        """Give `a INTERSECT b ...`, which binds tighter than UNION."""
        left = self.set_primary()
        while self.sees("INTERSECT"):
            left = self.set_operation(left, self.take(), self.set_primary)
        return left

    def set_operation(self, left: exp.Query, operator: Token, right: object) -> exp.Query:
        """Give one set operation; without ALL equal rows count once."""
        distinct = not self.accept("ALL")
        following = right() if callable(right) else None
        return at(SET_OPERATIONS[operator.text](this=left, expression=following, distinct=distinct), operator)

    def set_primary(self) -> exp.Query:
        """Give SELECT, or a query between parentheses."""
        return self.parenthesized_query() if self.sees("(") else self.select()

    def select(self) -> exp.Select:
        """Give `SELECT ... FROM ...` up to HAVING."""
        start = self.expect("SELECT")
        node = at(exp.Select(), start)
        if self.accept("DISTINCT"):
            node.set("distinct", exp.Distinct())
        else:
            self.accept("ALL")
        if self.accept("TOP"):
            node.set("limit", exp.Limit(expression=self.unsigned_integer("the number of rows", WORDS["TOP"])))
        node.set("expressions", self.select_list())
        self.expect("FROM")
        node.set("from_", exp.From(this=self.sources()))
        self.filters(node)
        return node

    def filters(self, node: exp.Select) -> None:
        """Read WHERE, GROUP BY and HAVING into the query."""
        if self.accept("WHERE"):
            node.set("where", exp.Where(this=self.condition()))
        if self.accept("GROUP"):
            self.expect("BY")
            terms = [self.value()]
            while self.accept(","):
                terms.append(self.value())
            node.set("group", exp.Group(expressions=terms))
        if self.accept("HAVING"):
            node.set("having", exp.Having(this=self.condition()))

    def select_list(self) -> list[exp.Expr]:
        """Give `*`, or values with their names."""
        if self.sees("*"):
            return [at(exp.Star(), self.take())]
        items = [self.select_item()]
        while self.accept(","):
            items.append(self.select_item())
        return items

    def select_item(self) -> exp.Expr:
        """Give `value [AS name]` or `table.*`."""
        start = self.index
        star = self.qualified_star()
        if star is not None:
            return star
        self.index = start
        token, item = self.token, self.value()
        if self.accept("AS") or self.token.kind in ("name", "delimited"):
            return at(exp.Alias(this=item, alias=self.identifier("the name of the column")), token)
        return item

    def qualified_star(self) -> exp.Expr | None:
        """Give `table.*`, None where the item is something else."""
        token, parts = self.token, []
        while self.token.kind in ("name", "delimited") and self.ahead().is_symbol("."):
            parts.append(self.identifier("a table"))
            self.take()
        if not parts or len(parts) > 3 or not self.accept("*"):
            return None
        names = dict(zip(("table", "db", "catalog"), reversed(parts), strict=False))
        return at(exp.Column(this=exp.Star(), **names), token)

    def order(self) -> exp.Order:
        """Give ORDER BY."""
        start = self.take()
        self.expect("BY")
        terms = []
        while True:
            token, term = self.token, self.value()
            descending = self.sees("DESC")
            self.accept("ASC", "DESC")
            terms.append(at(exp.Ordered(this=term, desc=descending), token))
            if not self.accept(","):
                return at(exp.Order(expressions=terms), start)
