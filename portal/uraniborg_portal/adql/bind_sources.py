"""FROM bound: tables, named sub-queries and joins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlglot import exp

from uraniborg_portal.adql.bind_conditions import ConditionBinder
from uraniborg_portal.adql.binding import OpenScan
from uraniborg_portal.adql.grouping import is_aggregated
from uraniborg_portal.adql.identifiers import quoted
from uraniborg_portal.adql.models import Table, Term
from uraniborg_portal.adql.nearness import sharing
from uraniborg_portal.adql.scope import Named, Relation, Scope, Sources, advice, matching, same
from uraniborg_portal.catalogs.models import Column


class SourceBinder(ConditionBinder):
    """Binds FROM; `named` holds the queries of WITH."""

    named: dict[str, tuple[exp.Identifier, str, tuple[Term, ...]]]

    def sources(self, node: exp.Expr, around: Scope | None) -> Sources:
        """Bind a table, a sub-query or two joined sources."""
        if isinstance(node, exp.Tuple):
            return self.join(node, around)
        return self.derived(node) if isinstance(node, exp.Subquery) else self.table(node)

    def table(self, node: exp.Expr) -> Sources:
        """Bind a table or a query of WITH by its name."""
        parts = [node.args[key] for key in ("this", "db", "catalog") if node.args.get(key)]
        alias = node.args.get("alias")
        for identifier, key, terms in self.named.values():
            if len(parts) == 1 and same(parts[0], identifier.this):
                return self.relation(
                    (alias.name if alias else identifier.this,), exp.Table(this=quoted(key)), shown(terms)
                )
        table = self.known_table(node, parts)
        key = self.fresh("scan_")
        self.scans[key] = OpenScan(table=table)
        columns = [(column, (key, column.name)) for column in table.columns]
        names = (alias.name,) if alias else tuple(reversed(table.parts))
        return self.relation(names, exp.Table(this=quoted(key)), columns, key)

    def known_table(self, node: exp.Expr, parts: list[exp.Identifier]) -> Table:
        """Give the table of that name."""
        written = ".".join(part.this for part in reversed(parts))
        table = self.tables.get(written.lower())
        known = table.parts[::-1] if table else ()
        if table is None or len(parts) != len(known) or not all(map(same, parts, known)):
            case = "Between double quotes upper and lower case count. " if table else ""
            self.fail(node, f"no table is called {written[:80]!r}", case + self.near_tables(written))
        return table

    def near_tables(self, written: str) -> str:
        """Give the sentence that names the nearest tables."""
        return advice(written, [table.name for table in self.tables.values()])

    def derived(self, node: exp.Subquery) -> Sources:
        """Bind a sub-query with a name."""
        query, terms = self.query_columns(node.this, Scope())
        return self.relation((node.alias,), exp.Subquery(this=query), shown(terms))

    def relation(
        self,
        names: tuple[str, ...],
        sql: exp.Expr,
        columns: Iterable[tuple[Column, tuple[str, str] | None]],
        scan: str | None = None,
    ) -> Sources:
        """Give a relation under a fresh alias; its columns are these, each with what it shows unchanged."""
        alias = self.fresh("t")
        sql.set("alias", exp.TableAlias(this=quoted(alias)))
        if scan:
            self.read_as[alias] = scan
        found = tuple((column.name, column_term(alias, column, scan, origin)) for column, origin in columns)
        return Sources(sql=sql, relations=(Relation(names=names, columns=found, scan=scan),), star=found)

    def join(self, node: exp.Tuple, around: Scope | None) -> Sources:
        """Bind two sources and how their rows belong together."""
        left_node, join = node.expressions
        left, right = self.sources(left_node, around), self.sources(join.this, around)
        self.check_names(join, left, right)
        pairs = self.pairs(join, left, right)
        merged = tuple(merge(join.side, a, b) for a, b in pairs)
        gone = {id(column[1]) for pair in pairs for column in pair}
        rest = tuple(column for column in (*left.star, *right.star) if id(column[1]) not in gone)
        relations = (*left.relations, *right.relations)
        star = (*merged, *rest)
        scope = Scope(relations=relations, star=star, around=around, filters=True)
        filtered = {"": relations, "LEFT": right.relations, "RIGHT": left.relations}.get(join.side, ())
        condition = self.join_condition(join, scope, replace(scope, relations=filtered), pairs)
        return Sources(
            sql=attached(left.sql, right.sql, join, condition), relations=relations, star=star, merged=merged
        )

    def check_names(self, join: exp.Join, left: Sources, right: Sources) -> None:
        """Let pass sources whose names differ."""
        taken = {relation.names for relation in left.relations}
        for relation in right.relations:
            if relation.names in taken:
                self.fail(
                    join, f"two tables in FROM are called {relation.names[0]!r}", "Give one another name with AS."
                )

    def pairs(self, join: exp.Join, left: Sources, right: Sources) -> list[tuple[Named, Named]]:
        """Give the columns that USING or NATURAL makes one."""
        if join.method == "NATURAL":
            names = [quoted(name) for name, _ in left.star if any(name == other for other, _ in right.star)]
        else:
            names = join.args.get("using") or []
        return [(self.only(join, name, left), self.only(join, name, right)) for name in names]

    def only(self, join: exp.Join, name: exp.Identifier, sources: Sources) -> Named:
        """Give the one column of that name on a side of a join."""
        found = matching(name, sources.star)
        if len(found) != 1:
            problem = "is not on both sides" if not found else "is more than once on one side"
            self.fail(name if name.meta else join, f"the column {name.this!r} of the join {problem}")
        self.use(found[0][1])
        return found[0]

    def join_condition(
        self, join: exp.Join, scope: Scope, filtered: Scope, pairs: list[tuple[Named, Named]]
    ) -> exp.Expr | None:
        """Give the SQL condition of a join; it narrows what is read of the sides that an outer join does not keep."""
        if join.args.get("on"):
            bound = self.condition(join.args["on"], scope)
            if is_aggregated(bound.sql):
                self.refuse_aggregate(join.args["on"], "ON")
            self.narrow(bound.cover, filtered)
            return bound.sql
        for (_, a), (_, b) in pairs:
            self.narrow(sharing(a, b), filtered)
        equal = [exp.EQ(this=a[1].sql, expression=b[1].sql) for a, b in pairs]
        return exp.and_(*equal, copy=False) if equal else None


def column_term(alias: str, column: Column, scan: str | None, origin: tuple[str, str] | None) -> Term:
    """Give a column of a relation as a value."""
    sql = exp.Column(this=quoted(column.name), table=quoted(alias))
    return Term(sql=sql, column=column, scan=scan, origin=origin)


def shown(terms: Iterable[Term]) -> list[tuple[Column, tuple[str, str] | None]]:
    """Give the columns of a query's values, and what they show unchanged."""
    return [(term.column, term.origin) for term in terms]


def merge(side: str, left: Named, right: Named) -> Named:
    """Give the column that a join makes of two."""
    if side == "RIGHT":
        return left[0], right[1]
    if side != "FULL":
        return left
    both = exp.Coalesce(this=left[1].sql, expressions=[right[1].sql])
    return left[0], replace(left[1], sql=both, scan=None, origin=None)


def attached(left: exp.Expr, right: exp.Expr, join: exp.Join, condition: exp.Expr | None) -> exp.Expr:
    """Give the left source with the right one joined to it."""
    inner = exp.Paren(this=right) if right.args.get("joins") else right
    node = exp.Join(this=inner, side=join.side or None, kind=None if condition is not None else "CROSS")
    if condition is None and join.side:
        node = exp.Join(this=inner, side=join.side, on=exp.true())
    elif condition is not None:
        node.set("on", condition)
    left.append("joins", node)
    return left
