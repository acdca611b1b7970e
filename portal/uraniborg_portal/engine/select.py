"""A SELECT as a program over columns, where it is so plain that no database has to be asked. Pure.

A worker asks DuckDB for 4 ms of processor time, whatever it asks: the rows of a cone, or of an identifier, are found in
a tenth of that by the very operations that the SQL has, in the same order (`engine/selected.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sqlglot import exp

from uraniborg_portal.adql.datatypes import INTEGERS, NUMBERS, TEXTS
from uraniborg_portal.adql.models import Scan
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.match import sides_of_and
from uraniborg_portal.engine.selecting import Comparison, Key, Kind, Number, Operation, Relation, Selecting

FUNCTIONS: dict[str, Kind] = {
    "radians": "radians", "degrees": "degrees", "sin": "sin", "cos": "cos", "atan2": "atan2", "sqrt": "sqrt",
}  # fmt: skip
"""What functions of the engine are here."""
RELATIONS: dict[type[exp.Expr], Relation] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
Bounds = tuple[exp.Expr, ...]
MOST_OPERATIONS = 1_000
"""Operations of one program; what has more of them is done faster by a database."""


class NotPlain(Exception):
    """A part of the query has no operation here."""


def selecting_by(sql: exp.Select, scan: Scan, order: exp.Order | None) -> Selecting | None:
    """Give which rows of its only scan a SELECT is of, in an order; None where a database has to be asked.

    What it shows of them does not matter here.
    """
    where, limit, offset = (sql.args.get(part) for part in ("where", "limit", "offset"))
    if limit is None or scan.tests or scan.healpix:
        return None
    program = Program(scan=scan, alias=sql.args["from_"].this.alias_or_name)
    try:
        for condition in sides_of_and(where.this) if where else ():
            program.test(condition)
        keys = tuple(program.key(by) for by in order.expressions) if order else ()
    except NotPlain:
        return None
    return Selecting(
        program=tuple(program.operations),
        tests=tuple(program.tests),
        order=keys,
        skip=int(offset.expression.name) if offset else 0,
        most=int(limit.expression.name),
    )


@dataclass(kw_only=True)
class Program:
    """A program, as far as it is made."""

    scan: Scan
    alias: str
    """The name of the scan before its columns."""
    operations: list[Operation] = field(default_factory=list)
    places: dict[Operation, int] = field(default_factory=dict)
    """Where each operation is: none is done twice."""
    found: dict[int, int] = field(default_factory=dict)
    """Where the value of each part of the SQL is, by its identity: parts are shared."""
    tests: list[Comparison] = field(default_factory=list)

    def test(self, condition: exp.Expr) -> None:
        """Add a condition that has to be true."""
        if isinstance(condition, exp.Between):
            low, high = condition.args["low"], condition.args["high"]
            self.comparison(condition.this, (low, high), (">=", "<="))
        elif isinstance(condition, exp.In) and condition.expressions:
            members = tuple(condition.expressions)
            self.plain(column_of(condition.this), members, ("in",))
        elif type(condition) in RELATIONS:
            self.comparison(condition.this, (condition.expression,), (RELATIONS[type(condition)],))
        else:
            raise NotPlain

    def comparison(self, value: exp.Expr, bounds: Bounds, relations: tuple[Relation, ...]) -> None:
        """Add the comparisons of a value with constants."""
        column = column_of(value)
        if column and self.stored(column):
            self.plain(column, bounds, relations)
            return
        # A position that is infinite is nowhere, and equal to no other.
        if "<>" in relations:
            raise NotPlain
        place = self.formula(value)
        for bound, relation in zip(bounds, relations, strict=True):
            self.tests.append(Comparison(place=place, relation=relation, constant=float(number_of(bound))))

    def plain(self, column: exp.Column | None, bounds: Bounds, relations: tuple[Relation, ...]) -> None:
        """Add the comparisons of a column with constants of its kind."""
        stored = self.stored(column) if column else None
        if stored is None:
            raise NotPlain
        values = tuple(constant(bound, stored) for bound in bounds)
        place = self.add(Operation(kind="column", value=stored.name))
        constants = (values,) if relations == ("in",) else values
        for value, relation in zip(constants, relations, strict=True):
            self.tests.append(Comparison(place=place, relation=relation, constant=value))

    def key(self, by: exp.Ordered) -> Key:
        """Add what rows are sorted by: a column of numbers, or what is made of the position."""
        descending, column = bool(by.args.get("desc")), column_of(by.this)
        stored = self.stored(column) if column else None
        if bool(by.args.get("nulls_first")) != descending or (stored and not is_of_numbers(stored)):
            raise NotPlain
        place = self.add(Operation(kind="column", value=stored.name)) if stored else self.formula(by.this)
        return Key(place=place, descending=descending)

    def stored(self, column: exp.Column) -> Column | None:
        """Give the column of the table; None where it is computed."""
        if column.table not in (self.alias, ""):
            raise NotPlain
        return next((each for each in self.scan.table.columns if each.name == column.name), None)

    def formula(self, node: exp.Expr) -> int:
        """Give the place of a value that is made of the position, in degrees, with double precision.

        Nothing is multiplied by more than 1: rounding stays below what `selected` allows for.
        """
        place = self.found.get(id(node))
        if place is None:
            place = self.found[id(node)] = self.made(node)
        return place

    def made(self, node: exp.Expr) -> int:
        """Add what a value is made by, and give its place."""
        if isinstance(node, exp.Paren):
            return self.formula(node.this)
        if isinstance(node, exp.Column):
            return self.coordinate(node)
        if isinstance(node, exp.Anonymous) and node.name in FUNCTIONS:
            return self.add(Operation(kind=FUNCTIONS[node.name], of=tuple(map(self.formula, node.expressions))))
        if isinstance(node, exp.Mul):
            return self.product(node)
        if isinstance(node, exp.Add | exp.Sub):
            # Written without parentheses, it would be read in another order.
            if isinstance(node.expression, exp.Add | exp.Sub):
                raise NotPlain
            kind: Kind = "add" if isinstance(node, exp.Add) else "subtract"
            return self.add(Operation(kind=kind, of=(self.formula(node.this), self.formula(node.expression))))
        return self.add(Operation(kind="constant", value=float(number_of(node))))

    def product(self, node: exp.Mul) -> int:
        """Give the place of a product, whose factors are multiplied as they are written: from left to right."""
        first, *others = factors_of(node)
        place = self.factor(first)
        for other in others:
            place = self.add(Operation(kind="multiply", of=(place, self.factor(other))))
        return place

    def factor(self, node: exp.Expr) -> int:
        """Give the place of a factor."""
        place = self.formula(node)
        operation = self.operations[place]
        if isinstance(node, exp.Add | exp.Sub) or (isinstance(operation.value, float) and abs(operation.value) > 1):
            raise NotPlain
        return place

    def coordinate(self, column: exp.Column) -> int:
        """Give the place of a column of the position, or of what is computed of it."""
        for name, value in self.scan.computed:
            if name == column.name:
                return self.formula(value)
        stored, where = self.stored(column), self.scan.table.position
        if stored is None or where is None or stored.name not in (where.ra, where.dec) or stored.datatype != "double":
            raise NotPlain
        return self.add(Operation(kind="column", value=stored.name))

    def add(self, operation: Operation) -> int:
        """Add an operation, unless it is there, and give its place."""
        place = self.places.setdefault(operation, len(self.operations))
        if place == len(self.operations):
            if place == MOST_OPERATIONS:
                raise NotPlain
            self.operations.append(operation)
        return place


def column_of(value: exp.Expr) -> exp.Column | None:
    """Give the column that a value is, also in parentheses; None where it is something else."""
    inner = value.unnest()
    return inner if isinstance(inner, exp.Column) else None


def factors_of(node: exp.Expr) -> list[exp.Expr]:
    """Give the factors of a product in the order in which they are written."""
    if not isinstance(node, exp.Mul):
        return [node]
    return factors_of(node.this) + factors_of(node.expression)


def number_of(node: exp.Expr) -> Number:
    """Give the number that a constant is; NotPlain is raised for all else."""
    if isinstance(node, exp.Paren) or (isinstance(node, exp.Cast) and node.to.this is exp.DType.BIGINT):
        return number_of(node.this)
    if isinstance(node, exp.Neg):
        return -number_of(node.this)
    if not isinstance(node, exp.Literal) or node.is_string:
        raise NotPlain
    return int(node.name) if node.name.isdigit() else float(node.name)


def is_of_numbers(column: Column) -> bool:
    """Say whether each value of a column is one number."""
    return column.datatype in NUMBERS and not column.is_array


def constant(node: exp.Expr, column: Column) -> str | Number:
    """Give a constant with which values of a column are compared as they are; NotPlain is raised for all else."""
    if column.datatype in TEXTS and column.xtype is None and node.is_string:
        return str(node.name)
    number = number_of(node) if is_of_numbers(column) else None
    if number is None or (column.datatype in INTEGERS and not isinstance(number, int)):
        raise NotPlain
    # The engine rounds a whole number to the column's precision, and a column to that of another number.
    if column.datatype == "float" and isinstance(number, int) and int(np.float32(number)) != number:
        raise NotPlain
    return number if column.datatype in INTEGERS else float(number)
