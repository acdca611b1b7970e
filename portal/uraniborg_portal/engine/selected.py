"""The rows of a plain answer: a program of comparisons over columns in memory, without a database.

It decides as DuckDB does by the SQL of the same query: the same operations on the same numbers in the same order. Where
the last bit of a sine, cosine or arc tangent matters, it is that of the C library, whose functions DuckDB calls.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from uraniborg_portal.engine.selecting import Comparison, Kind, Number, Operation, Relation, Selecting

DOUBT = 1e-9
"""How far apart two values are at least of which the faster functions know the larger one, too.

They are off by a few units in the last place of values up to 360, and nothing is multiplied by more than 1.
"""
Numbers = npt.NDArray[np.int64]
Vector = npt.NDArray[np.float64] | npt.NDArray[np.int64] | npt.NDArray[np.object_]
Function = Callable[..., npt.NDArray[np.float64]]
Truths = npt.NDArray[np.bool_]


def one_by_one(function: Callable[..., float]) -> Function:
    """Give a function of numbers as one of vectors."""
    return np.vectorize(function, otypes=[np.float64])


ARITHMETIC: Mapping[Kind, Function] = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "sqrt": np.sqrt, "radians": np.radians,
    "degrees": np.degrees,
}  # fmt: skip
"""What is the same to the last bit however it is calculated."""
FAST: Mapping[Kind, Function] = {**ARITHMETIC, "sin": np.sin, "cos": np.cos, "atan2": np.arctan2}
EXACT: Mapping[Kind, Function] = {
    **ARITHMETIC, "sin": one_by_one(math.sin), "cos": one_by_one(math.cos), "atan2": one_by_one(math.atan2),
}  # fmt: skip
"""The C library's own: numpy's are others on some processors."""


def is_in(values: Vector, members: tuple[str, ...] | tuple[Number, ...]) -> Truths:
    """Say which values are one of some."""
    if values.dtype != np.object_:
        return np.isin(values, members)
    texts = frozenset(members)
    return np.fromiter((value in texts for value in values), np.bool_, len(values))


RELATIONS: Mapping[Relation, Callable[..., Truths]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "in": is_in,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Rows that may still be of the answer, and what is known of them."""

    numbers: Numbers
    """Which they are, rising."""
    columns: Mapping[str, Vector]
    functions: Mapping[Kind, Function] = field(default_factory=lambda: FAST)
    found: dict[int, Vector] = field(default_factory=dict)
    """Values of operations, by their places: each is found once."""

    def of(self, truths: Truths) -> Rows:
        """Give those of them for which something is true."""
        if truths.all():
            return self
        found = {place: each[truths] if each.ndim else each for place, each in self.found.items()}
        columns = {name: each[truths] for name, each in self.columns.items()}
        return replace(self, numbers=self.numbers[truths], columns=columns, found=found)

    def value(self, program: Sequence[Operation], place: int) -> Vector:
        """Give the value of an operation in each of them; a constant's once."""
        known = self.found.get(place)
        if known is None:
            operation = program[place]
            if operation.kind == "column":
                known = self.columns[str(operation.value)]
            elif operation.kind == "constant":
                known = np.array(operation.value)
            else:
                known = self.functions[operation.kind](*(self.value(program, each) for each in operation.of))
            self.found[place] = known
        return known

    def truths(self, program: Sequence[Operation], test: Comparison) -> Truths:
        """Say for which of them a comparison holds."""
        values = np.broadcast_to(self.value(program, test.place), self.numbers.shape)
        bound = test.constant
        truths = RELATIONS[test.relation](values, bound)
        if self.functions is EXACT or program[test.place].kind == "column" or not isinstance(bound, float):
            return truths
        doubtful = np.abs(np.asarray(values, np.float64) - bound) < DOUBT
        if doubtful.any():
            truths[doubtful] = replace(self.of(doubtful), functions=EXACT, found={}).truths(program, test)
        return truths


def selected(selecting: Selecting, batches: Sequence[pa.RecordBatch], size: int) -> Numbers:
    """Give the numbers of the rows of an answer in its order, among `size` of which batches have the columns."""
    if not size:
        return np.empty(0, np.int64)
    program = selecting.program
    stored = {name: pa.chunked_array([batch[name] for batch in batches]) for name in names_in(program)}
    columns = {name: vector(values) for name, values in stored.items()}
    known = {name: is_known(values, columns[name]) for name, values in stored.items()}
    rows = Rows(numbers=np.arange(size), columns=columns)
    for name in names_in(program, [test.place for test in selecting.tests]):
        rows = rows.of(known[name][rows.numbers])
    # An infinite position is nowhere: what it is made of is NaN, to which nothing here has a relation.
    with np.errstate(invalid="ignore"):
        for test in selecting.tests:
            rows = rows.of(rows.truths(program, test))
        numbers = rows.numbers[in_order(selecting, rows, known)] if selecting.order else rows.numbers
    return numbers[selecting.skip : selecting.skip + selecting.most]


def names_in(program: Sequence[Operation], places: Iterable[int] | None = None) -> list[str]:
    """Give the columns of which the values at some places, or at all, are made."""
    needed = set(range(len(program)) if places is None else places)
    for place in range(len(program) - 1, -1, -1):
        needed.update(program[place].of if place in needed else ())
    return [str(each.value) for place, each in enumerate(program) if place in needed and each.kind == "column"]


def in_order(selecting: Selecting, rows: Rows, known: Mapping[str, Truths]) -> Numbers:
    """Give the places of rows among them as they are sorted."""
    keys: list[npt.NDArray[np.generic]] = []
    for key in selecting.order:
        operation = selecting.program[key.place]
        values = np.broadcast_to(rows.value(selecting.program, key.place), rows.numbers.shape)
        column = str(operation.value) if operation.kind == "column" else None
        unknown = np.isnan(values) if column is None else ~known[column][rows.numbers]
        # What is NULL is first, or last, in no order of its own.
        values = np.where(unknown, np.zeros_like(values), values)
        whole = values.dtype == np.int64
        keys += [~unknown, np.invert(values) if whole else np.negative(values)] if key.descending else [unknown, values]
    return np.lexsort(keys[::-1])


def vector(values: pa.ChunkedArray) -> Vector:
    """Give the values of a column, numbers with 64 bits; what is NULL may be any value."""
    if pa.types.is_floating(values.type):
        return np.asarray(values.to_numpy(), np.float64)
    if pa.types.is_integer(values.type):
        return np.asarray((values.fill_null(0) if values.null_count else values).to_numpy(), np.int64)
    return np.asarray(values.to_numpy(), np.object_)


def is_known(values: pa.ChunkedArray, vector: Vector) -> Truths:
    """Say which values are neither NULL nor NaN."""
    if vector.dtype == np.float64:
        return ~np.isnan(vector)
    return np.asarray(values.is_valid()) if values.null_count else np.ones(len(vector), np.bool_)
