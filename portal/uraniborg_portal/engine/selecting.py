"""Which rows that were read are an answer, where no database is asked: plain values, which a worker is told of.

What a row is tested by is a program: operations on columns in the order in which the SQL of the same query has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Number = int | float
Constant = str | Number | tuple[str | Number, ...]
Kind = Literal["column", "constant", "add", "subtract", "multiply", "radians", "degrees", "sin", "cos", "atan2", "sqrt"]
Relation = Literal["=", "<>", "<", "<=", ">", ">=", "in"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A value of each row."""

    kind: Kind
    of: tuple[int, ...] = ()
    """The places, in the program, of the operations whose values it takes."""
    value: str | float = ""
    """The name of a column, or a constant."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A relation of values to a constant that rows have which are kept; NULL, and NaN, have none to anything."""

    place: int
    """The place, in the program, of the operation that gives the values."""
    relation: Relation
    constant: Constant
    """Of the relation `in` all of which a value may be one."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """What rows are sorted by; NULL, which NaN is here, is larger than every value."""

    place: int
    """The place, in the program, of the operation that gives it."""
    descending: bool


@dataclass(frozen=True, kw_only=True)
class Selecting:
    """The rows of an answer: those for which all comparisons hold, without the first, as many as there may be."""

    program: tuple[Operation, ...]
    """Operations, each of them behind those that it takes values of."""
    tests: tuple[Comparison, ...]
    """In the order of the query."""
    order: tuple[Key, ...]
    """The first one first; none where rows come as they are stored."""
    skip: int
    """How many rows are left out before the first one."""
    most: int

    def as_json(self) -> dict[str, Any]:
        """Give what `selecting_of` takes."""
        return {
            "program": [(each.kind, each.of, each.value) for each in self.program],
            "tests": [(each.place, each.relation, each.constant) for each in self.tests],
            "order": [(each.place, each.descending) for each in self.order],
            "skip": self.skip, "most": self.most,
        }  # fmt: skip


def selecting_of(said: Mapping[str, Any] | None) -> Selecting | None:
    """Give what `as_json` and JSON made of a selecting; None of None."""
    if said is None:
        return None
    return Selecting(
        program=tuple(Operation(kind=kind, of=tuple(of), value=value) for kind, of, value in said["program"]),
        tests=tuple(
            Comparison(place=place, relation=relation, constant=tuple(value) if isinstance(value, list) else value)
            for place, relation, value in said["tests"]
        ),
        order=tuple(Key(place=place, descending=descending) for place, descending in said["order"]),
        skip=said["skip"],
        most=said["most"],
    )
