"""Search conditions of ADQL: `<search_condition>` and its predicates."""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.reader import at
from uraniborg_portal.adql.signatures import described, is_text
from uraniborg_portal.adql.tokens import Token
from uraniborg_portal.adql.values import Values

COMPARISONS = {"=": exp.EQ, "<>": exp.NEQ, "!=": exp.NEQ, "<": exp.LT, ">": exp.GT, "<=": exp.LTE, ">=": exp.GTE}
PATTERNS = {"LIKE": exp.Like, "ILIKE": exp.ILike}


class Conditions(Values):
    """Reads search conditions."""

    def subquery(self) -> exp.Query:
        """Give a query between parentheses; a layer above reads it."""
        raise NotImplementedError

    def is_query_ahead(self) -> bool:
        """Say whether the parentheses that open here hold a query; a layer above knows."""
        raise NotImplementedError

    def condition(self) -> exp.Expr:
        """Give `a OR b ...`."""
        left = self.conjunction()
        while self.sees("OR"):
            operator = self.take()
            left = at(exp.Or(this=left, expression=self.conjunction()), operator)
        return left

    def conjunction(self) -> exp.Expr:
        """Give `a AND b ...`."""
        left = self.negation()
        while self.sees("AND"):
            operator = self.take()
            left = at(exp.And(this=left, expression=self.negation()), operator)
        return left

    def negation(self) -> exp.Expr:
        """Give a condition with at most one NOT before it."""
        operator = self.token
        if self.accept("NOT"):
            return at(exp.Not(this=self.boolean()), operator)
        return self.boolean()

    def boolean(self) -> exp.Expr:
        """Give a predicate or a condition between parentheses."""
        token = self.token
        if self.accept("EXISTS"):
            return at(exp.Exists(this=self.subquery()), token)
        if not self.sees("("):
            return self.predicate()
        return self.parenthesized_condition()

    def parenthesized_condition(self) -> exp.Expr:
        """Give `(value) = ...` or `(condition)`."""
        return self.either(self.predicate, self.grouped_condition)

    def grouped_condition(self) -> exp.Expr:
        """Give `(condition)`."""
        self.deeper()
        opening = self.take()
        inner = self.condition()
        self.expect(")")
        self.depth -= 1
        return at(exp.Paren(this=inner), opening)

    def predicate(self) -> exp.Expr:
        """Give a comparison, BETWEEN, IN, LIKE or IS NULL."""
        left = self.value()
        token = self.token
        if token.kind == "symbol" and token.text in COMPARISONS:
            self.take()
            return at(COMPARISONS[token.text](this=left, expression=self.value()), token)
        if self.accept("IS"):
            return self.null_test(left, token)
        negated = self.accept("NOT")
        node = self.word_predicate(left)
        return at(exp.Not(this=node), token) if negated else node

    def null_test(self, left: exp.Expr, token: Token) -> exp.Expr:
        """Give `column IS [NOT] NULL`."""
        if not isinstance(left, exp.Column) or left.meta.get("signed"):
            self.fail_at(token, "IS NULL tests a column", "Use a sub-query that names the value.")
        negated = self.accept("NOT")
        if not self.sees("NULL"):
            self.fail("'NULL' or 'NOT NULL'", "IS tests for NULL only; values are compared with = or <>.")
        self.take()
        node = at(exp.Is(this=left, expression=exp.Null()), token)
        return at(exp.Not(this=node), token) if negated else node

    def word_predicate(self, left: exp.Expr) -> exp.Expr:
        """Give BETWEEN, IN, LIKE or ILIKE."""
        token = self.token
        if self.accept("BETWEEN"):
            low = self.value()
            if not self.accept("AND"):
                self.fail("'AND'", "Write BETWEEN low AND high, without parentheses.")
            return at(exp.Between(this=left, low=low, high=self.value()), token)
        if self.accept("IN"):
            return self.membership(left, token)
        if self.accept("LIKE", "ILIKE"):
            return self.pattern(left, token)
        return self.fail("a comparison (=, <>, <, >, <=, >=), BETWEEN, IN, LIKE, ILIKE or IS NULL", self.of_truth(left))

    def of_truth(self, left: exp.Expr) -> str:
        """Say how a value becomes a condition, where nothing else was begun."""
        inner = left.unnest()
        if isinstance(inner, exp.Anonymous) and inner.name in ("CONTAINS", "INTERSECTS"):
            return f"{inner.name} gives 1 or 0: write {inner.name}(...) = 1."
        if self.token.kind != "end" and not self.sees(")", "AND", "OR", "GROUP", "HAVING", "ORDER", "OFFSET"):
            return ""
        if isinstance(inner, exp.Anonymous):
            return f"{inner.name} gives a value: compare it, as in {inner.name}(...) = 1."
        if isinstance(inner, exp.Literal):
            return "Each comparison has two sides: name = 'a' OR name = 'b'."
        return "A value is no condition: compare it, or write column IS NOT NULL."

    def pattern(self, left: exp.Expr, token: Token) -> exp.Expr:
        """Give `text LIKE pattern`."""
        node = at(PATTERNS[token.text](this=left, expression=self.value()), token)
        for side in (node.this, node.expression):
            if not is_text(side):
                self.fail_found(token, f"{described(side)} at {token.text}", "a text", "CAST(value AS VARCHAR)")
        return node

    def membership(self, left: exp.Expr, token: Token) -> exp.Expr:
        """Give `value IN (list)` or `value IN (sub-query)`."""
        if self.is_query_ahead():
            return self.in_query(left, token)
        return self.either(lambda: self.in_query(left, token), lambda: self.in_list(left, token))

    def in_query(self, left: exp.Expr, token: Token) -> exp.Expr:
        """Give `value IN (sub-query)`."""
        return at(exp.In(this=left.copy(), query=exp.Subquery(this=self.subquery())), token)

    def in_list(self, left: exp.Expr, token: Token) -> exp.Expr:
        """Give `value IN (value, ...)`."""
        self.expect("(")
        members = [self.value()]
        while self.accept(","):
            members.append(self.value())
        self.expect(")")
        return at(exp.In(this=left, expressions=members), token)
