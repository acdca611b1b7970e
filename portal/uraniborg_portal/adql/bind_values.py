"""Value expressions bound: names to columns, functions to SQL, types and units carried along."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

from sqlglot import exp

from uraniborg_portal.adql.binding import Binding
from uraniborg_portal.adql.datatypes import CASTS, INTEGERS, arithmetic_type, as_whole, text_type, wider
from uraniborg_portal.adql.functions import STANDARD, Function, divided
from uraniborg_portal.adql.grouping import is_aggregated
from uraniborg_portal.adql.models import Condition, Term
from uraniborg_portal.adql.scope import Scope, matching
from uraniborg_portal.adql.sky import call, number, times
from uraniborg_portal.adql.times import XTYPE, time_of
from uraniborg_portal.adql.unfit import no_number, of_column
from uraniborg_portal.adql.units import conversion, product
from uraniborg_portal.catalogs.models import Column

LARGEST_INT, LARGEST_LONG = 2**31 - 1, 2**63 - 1
MAX = sys.float_info.max


class ValueBinder(Binding):
    """Binds values."""

    def condition(self, node: exp.Expr, scope: Scope) -> Condition:
        """Bind a search condition; a layer above does."""
        raise NotImplementedError

    def geometry(self, node: exp.Anonymous, scope: Scope) -> Term | None:
        """Bind a geometry or a function of some, None for other functions; a layer above does."""
        raise NotImplementedError

    def user_function(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind a user-defined function; a layer above does."""
        raise NotImplementedError

    def term(self, node: exp.Expr, scope: Scope) -> Term:
        """Bind a value of any kind, geometries included."""
        binders: dict[type[exp.Expr], Callable[..., Term]] = {
            exp.Column: self.column, exp.Literal: self.literal, exp.Null: self.null, exp.Paren: self.parentheses,
            exp.Neg: self.negative, exp.Add: self.arithmetic, exp.Sub: self.arithmetic, exp.Mul: self.arithmetic,
            exp.Div: self.arithmetic, exp.DPipe: self.concatenation, exp.Cast: self.cast, exp.Case: self.case,
            exp.Anonymous: self.function, exp.Avg: self.aggregate, exp.Sum: self.aggregate, exp.Min: self.aggregate,
            exp.Max: self.aggregate, exp.Count: self.aggregate, exp.BitwiseAnd: self.bitwise,
            exp.BitwiseOr: self.bitwise, exp.BitwiseXor: self.bitwise, exp.BitwiseNot: self.complement,
        }  # fmt: skip
        return binders[type(node)](node, scope)

    def scalar(self, node: exp.Expr, scope: Scope) -> Term:
        """Bind a number, text or NULL."""
        term = self.term(node, scope)
        if term.shape is not None:
            self.fail(node, "a geometry can't stand here", "Use it in CONTAINS, INTERSECTS, DISTANCE, COORD1 or AREA.")
        return term

    def numeric(self, node: exp.Expr, scope: Scope) -> Term:
        """Bind a number; NULL is one of the narrowest type."""
        term = self.scalar(node, scope)
        if isinstance(term.sql, exp.Null):
            return replace(term, column=Column(name="null", datatype="short"))
        if not term.is_number:
            self.fail(node, *no_number(node, term))
        return term

    def textual(self, node: exp.Expr, scope: Scope) -> Term:
        """Bind a text."""
        term = self.scalar(node, scope)
        if not term.is_text:
            remedy = "CAST(value AS VARCHAR)" if term.is_number else ""
            self.fail(node, f"found {term.kind} ({term.column.name}), expected a text", remedy)
        return term

    def column(self, node: exp.Column, scope: Scope) -> Term:
        """Bind a column by its name, from the inside of sub-queries to the outside."""
        parts = tuple(node.args[key] for key in ("table", "db", "catalog") if node.args.get(key))
        for inner in scope.chain():
            candidates = inner.candidates(parts)
            found = matching(node.this, candidates)
            if len(found) > 1:
                self.fail(node, f"the column {node.name!r} is in more than one table", "Write table.column.")
            if found:
                return self.use(found[0][1])
        return self.fail(node, *of_column(node, parts, scope))

    def literal(self, node: exp.Literal, scope: Scope) -> Term:
        """Bind a text or number; decimals are DOUBLE."""
        if node.is_string:
            kind = "char" if node.name.isascii() else "unicodeChar"
            return Term(sql=exp.Literal.string(node.name), column=Column(name="text", datatype=kind, arraysize="*"))
        value = float(node.name)
        if value == float("inf"):
            self.fail(node, f"the number {node.name[:40]} is too large for DOUBLE PRECISION")
        if not node.name.isdigit():
            return Term(sql=number(value), column=Column(name="number", datatype="double"), constant=value)
        digits = node.name.lstrip("0")
        whole = int(digits or "0") if len(digits) < 30 else LARGEST_LONG + 1
        if whole > LARGEST_LONG:
            return Term(sql=number(float(node.name)), column=Column(name="number", datatype="double"))
        datatype = "int" if whole <= LARGEST_INT else "long"
        sql: exp.Expr = exp.Literal.number(whole)
        if datatype == "long":
            # The engine takes -2147483648 for an INT, whose negative it can't hold.
            sql = exp.Cast(this=sql, to=exp.DataType.build("BIGINT"))
        return Term(sql=sql, column=Column(name="number", datatype=datatype), constant=whole)

    def null(self, node: exp.Null, scope: Scope) -> Term:
        """Bind NULL."""
        return Term(sql=exp.Null(), column=Column(name="null", datatype="char", arraysize="*"))

    def parentheses(self, node: exp.Paren, scope: Scope) -> Term:
        """Bind a value in parentheses."""
        inner = self.term(node.this, scope)
        keeps = inner.shape is not None or isinstance(inner.sql, exp.Paren | exp.Column | exp.Literal | exp.Null)
        return inner if keeps else replace(inner, sql=exp.Paren(this=inner.sql))

    def negative(self, node: exp.Neg, scope: Scope) -> Term:
        """Bind a negative number."""
        inner = self.numeric(node.this, scope)
        constant = None if inner.constant is None else -inner.constant
        return calculated(inner, exp.Paren(this=exp.Neg(this=inner.sql)), constant=constant)

    def arithmetic(self, node: exp.Binary, scope: Scope) -> Term:
        """Bind a sum, difference, product or quotient."""
        left, right = self.numeric(node.this, scope), self.numeric(node.expression, scope)
        datatype = arithmetic_type(left.datatype, right.datatype)
        a, b = held_as(datatype, left), held_as(datatype, right)
        if isinstance(node, exp.Div):
            sql = divided(a, b, whole=datatype in INTEGERS)
        else:
            sql = exp.Paren(this=type(node)(this=a, expression=b))
        constant = folded(node, left, right)
        if isinstance(node, exp.Div) and constant == 0 and left.constant:
            self.notes.append(
                f"{left.constant}/{right.constant} is 0: ADQL divides whole numbers without a remainder; "
                f"write {left.constant}.0/{right.constant}."
            )
        name = "number" if constant is not None else "expression"
        column = Column(name=name, datatype=datatype, unit=unit_of(node, left, right))
        return Term(sql=sql, column=column, constant=constant)

    def whole(self, node: exp.Expr, scope: Scope) -> Term:
        """Bind a whole number."""
        term = self.numeric(node, scope)
        if term.datatype not in INTEGERS:
            self.fail(node, f"found {term.column.name}, expected a whole number", "Powers are POWER(base, exponent).")
        return term

    def bitwise(self, node: exp.Binary, scope: Scope) -> Term:
        """Bind `a & b`, `a | b` or `a ^ b` (exclusive or)."""
        left, right = self.whole(node.this, scope), self.whole(node.expression, scope)
        if isinstance(node, exp.BitwiseXor):
            sql = call("xor", left.sql, right.sql)
        else:
            sql = exp.Paren(this=type(node)(this=left.sql, expression=right.sql))
        return Term(sql=sql, column=Column(name="expression", datatype=wider(left.datatype, right.datatype)))

    def complement(self, node: exp.BitwiseNot, scope: Scope) -> Term:
        """Bind `~ a`."""
        inner = self.whole(node.this, scope)
        sql = exp.Paren(this=exp.BitwiseNot(this=inner.sql))
        return Term(sql=sql, column=Column(name="expression", datatype=inner.datatype))

    def concatenation(self, node: exp.DPipe, scope: Scope) -> Term:
        """Bind `a || b`."""
        left, right = self.textual(node.this, scope), self.textual(node.expression, scope)
        sql = exp.Paren(this=exp.DPipe(this=left.sql, expression=right.sql, safe=False))
        return Term(
            sql=sql, column=Column(name="expression", datatype=text_type(left.datatype, right.datatype), arraysize="*")
        )

    def cast_shape(self, node: exp.Cast, scope: Scope) -> Term:
        """Bind CAST to a geometry; a layer above does."""
        raise NotImplementedError

    def cast(self, node: exp.Cast, scope: Scope) -> Term:
        """Bind CAST; a text that is too long for CHAR(n) is cut."""
        if node.args["to"].this is exp.DType.USERDEFINED:
            return self.cast_shape(node, scope)
        inner = self.scalar(node.this, scope)
        if inner.is_array and not inner.is_number:
            self.fail(node, f"found an array ({inner.column.name}), expected a number or a text")
        target = node.args["to"].this
        datatype, length = CASTS[target], node.meta.get("length")
        if target is exp.DType.TIMESTAMP and not inner.is_text:
            self.fail(node, f"found a number ({inner.column.name}), expected a text such as '2000-01-01T12:00:00'")
        value = inner.sql
        if datatype in INTEGERS and inner.datatype in ("float", "double"):
            value = call("round", value)
        elif datatype in INTEGERS and inner.is_text:
            # The engine would round '1.5' and read '1e3': as in PostgreSQL, such texts are no whole numbers.
            value = call("translate", value, exp.Literal.string(".eE"), exp.Literal.string("xxx"))
        is_time = target is exp.DType.TIMESTAMP
        sql = time_of(value) if is_time else exp.Cast(this=value, to=exp.DataType.build(target))
        if length is not None:
            sql = exp.Anonymous(this="left", expressions=[sql, exp.Literal.number(length)])
        column = plain(inner.column)
        if datatype == "char":
            # A number that is written out has no unit any more.
            unit = column.unit if inner.is_text else None
            column = replace(column, datatype=text_type(inner.datatype), unit=unit, xtype=XTYPE if is_time else None)
            return Term(sql=sql, column=replace(column, arraysize="*"))
        return Term(sql=sql, column=replace(column, datatype=datatype, arraysize=None, xtype=None))

    def case(self, node: exp.Case, scope: Scope) -> Term:
        """Bind CASE."""
        operand = self.scalar(node.this, scope) if node.this else None
        branches, values = [], []
        for branch in node.args["ifs"]:
            test = self.case_value(branch.this, operand, scope) if operand else self.condition(branch.this, scope).sql
            values.append(self.scalar(branch.args["true"], scope))
            branches.append(exp.If(this=test, true=values[-1].sql))
        default = self.scalar(node.args["default"], scope) if node.args.get("default") else None
        sql = exp.Case(this=operand and operand.sql, ifs=branches, default=default.sql if default else exp.Null())
        return Term(sql=sql, column=self.common(node, [*values, *([default] if default else [])], "case"))

    def case_value(self, node: exp.Expr, operand: Term, scope: Scope) -> exp.Expr:
        """Bind a value of WHEN with which CASE compares its own."""
        value = self.scalar(node, scope)
        self.comparable(node, operand, value)
        return value.sql

    def comparable(self, node: exp.Expr, left: Term, right: Term) -> None:
        """Let pass two values of one kind."""
        sides = ((term.is_number, term.is_text, term.is_array) for term in (left, right))
        if not any(of_left and of_right for of_left, of_right in zip(*sides, strict=True)):
            remedy = "Texts have single quotes and numbers have none; or CAST one to the other's type."
            is_single = {left.kind, right.kind} == {"a number", "a text"}
            self.fail(node, f"{left.kind} is compared with {right.kind}", remedy if is_single else "")

    def common(self, node: exp.Expr, terms: list[Term], name: str) -> Column:
        """Give the column of values of which any may come; texts, numbers and arrays can't be mixed."""
        known = [term for term in terms if not isinstance(term.sql, exp.Null)]
        if not known:
            return Column(name=name, datatype="char", arraysize="*")
        if len({term.kind for term in known}) > 1:
            self.fail(node, f"texts and numbers are mixed in {name.upper()}", "CAST one kind to the other.")
        if known[0].is_text:
            return Column(name=name, datatype=text_type(*(term.datatype for term in known)), arraysize="*")
        datatype = known[0].datatype
        for term in known[1:]:
            datatype = wider(datatype, term.datatype)
        units, sizes = {term.column.unit for term in known}, {term.column.arraysize for term in known}
        return Column(
            name=name, datatype=datatype, unit=units.pop() if len(units) == 1 else None,
            arraysize=sizes.pop() if len(sizes) == 1 else "*",
        )  # fmt: skip

    def aggregate(self, node: exp.AggFunc, scope: Scope) -> Term:
        """Bind COUNT, SUM, AVG, MIN or MAX."""
        name = node.key.lower()
        inside, distinct = node.this, isinstance(node.this, exp.Distinct)
        if isinstance(inside, exp.Star):
            return Term(sql=exp.Count(this=exp.Star()), column=Column(name=name, datatype="long", ucd="meta.number"))
        value = inside.expressions[0] if distinct else inside
        term = self.numeric(value, scope) if name in ("sum", "avg") else self.scalar(value, scope)
        if is_aggregated(term.sql):
            self.fail(node, "an aggregate can't hold another aggregate")
        tables = {column.table for column in term.sql.find_all(exp.Column)}
        # Columns of a sub-query's own tables are neither its nor those around it.
        around = frozenset[str]().union(*(outer.tables for outer in scope.chain() if outer is not scope))
        if tables & around and not tables & scope.tables:
            self.fail(
                node, "an aggregate takes columns of its own query's tables", "Write it in the query around this one."
            )
        argument: exp.Expr = exp.Distinct(expressions=[term.sql]) if distinct else term.sql
        sql: exp.Expr = type(node)(this=argument)
        column = replace(plain(term.column), name=name)
        if name == "count":
            column = Column(name=name, datatype="long", ucd="meta.number")
        elif name == "avg":
            column = replace(column, datatype="double")
        elif name == "sum":
            whole = term.datatype in INTEGERS
            column = replace(column, datatype="long" if whole else "double")
            sql = exp.Cast(this=sql, to=exp.DataType.build("BIGINT" if whole else "DOUBLE"))
        return Term(sql=sql, column=column)

    def function(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind a function by its name."""
        name = node.name
        if name == "COALESCE":
            terms = [self.scalar(argument, scope) for argument in node.expressions]
            column = self.common(node, terms, "coalesce")
            first, *others = (term.sql for term in terms)
            return Term(sql=exp.Coalesce(this=first, expressions=others), column=column)
        if name == "IN_UNIT":
            return self.in_unit(node, scope)
        if name in STANDARD:
            return self.standard(node, STANDARD[name], scope)
        shaped = self.geometry(node, scope)
        return shaped if shaped is not None else self.user_function(node, scope)

    def in_unit(self, node: exp.Anonymous, scope: Scope) -> Term:
        """Bind IN_UNIT: the value in another unit."""
        term, wanted = self.numeric(node.expressions[0], scope), node.expressions[1].name
        factor = conversion(term.column.unit, wanted)
        if isinstance(factor, str):
            self.fail(node, factor)
        column = replace(plain(term.column), name="in_unit", datatype="double", unit=wanted)
        return Term(sql=exp.Paren(this=times(number(factor), exp.Paren(this=term.sql))), column=column)

    def standard(self, node: exp.Anonymous, function: Function, scope: Scope) -> Term:
        """Bind a function of the standard."""
        bind = self.textual if function.takes == "text" else self.numeric
        terms = [bind(argument, scope) for argument in node.expressions]
        first = terms[0].column if terms else Column(name="x", datatype="double")
        kept = plain(first) if function.keeps else Column(name="x", datatype=first.datatype, arraysize=first.arraysize)
        datatype = first.datatype if function.gives == "same" else function.gives
        if function.gives == "same" and len(terms) == 2 and node.name == "MOD":
            datatype = wider(terms[0].datatype, terms[1].datatype)
        column = replace(kept, name=node.name.lower(), datatype=datatype, unit=function.unit or kept.unit)
        return Term(sql=function.build([term.sql for term in terms]), column=column)


def unit_of(node: exp.Binary, left: Term, right: Term) -> str | None:
    """Give the unit of arithmetic. A written number has that of what it is added to, and none in a product."""
    units = left.column.unit, right.column.unit
    written = left.constant is not None, right.constant is not None
    if isinstance(node, exp.Add | exp.Sub):
        either = units[1] if written[0] else units[0]
        return either if units[0] == units[1] or any(written) else None
    power = -1 if isinstance(node, exp.Div) else 1
    if written[1]:
        return units[0]
    if written[0]:
        return units[1] if power == 1 else product("", units[1], power)
    return product(*units, power)


def held_as(datatype: str, term: Term) -> exp.Expr:
    """Give a number in the type of what it is calculated with; the engine itself may take the narrower one."""
    if term.constant is not None or term.datatype == datatype:
        return term.sql
    if term.datatype == "float" and datatype == "double":
        return exp.Cast(this=term.sql, to=exp.DataType.build("DOUBLE"))
    return as_whole(term.sql, datatype) if datatype in INTEGERS else term.sql


def plain(column: Column) -> Column:
    """Give a column without what is true only for its own rows."""
    return replace(column, minimum=None, maximum=None, nulls=None, principal=False, utype=None, links=None)


def calculated(term: Term, sql: exp.Expr, constant: float | None) -> Term:
    """Give a value made from another one; its unit stays."""
    column = Column(name="expression", datatype=term.datatype, unit=term.column.unit)
    return Term(sql=sql, column=column, constant=constant)


def folded(node: exp.Binary, left: Term, right: Term) -> float | int | None:
    """Give the value of arithmetic with constants, None where it is not constant."""
    a, b = left.constant, right.constant
    if a is None or b is None:
        return None
    value = calculate(node, a, b)
    # What the engine can't hold is for the engine to refuse.
    return value if value is not None and abs(value) <= (LARGEST_LONG if isinstance(value, int) else MAX) else None


def calculate(node: exp.Binary, a: float, b: float) -> float | int | None:
    """Give the value of one operation."""
    if isinstance(node, exp.Add):
        return a + b
    if isinstance(node, exp.Sub):
        return a - b
    if isinstance(node, exp.Mul):
        return a * b
    return quotient(a, b)


def quotient(a: float, b: float) -> float | int | None:
    """Give the quotient as ADQL does: whole for whole numbers, None for a division by 0."""
    if b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return a / b
