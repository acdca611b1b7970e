"""The rows of a plain answer: a program of comparisons over columns in memory, without a database.

It decides as DuckDB does by the SQL of the same query: the same operations on the same numbers in the same order. Where
the last bit of a sine, cosine or arc tangent matters, it is that of the C library, whose functions DuckDB calls.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from uraniborg_portal.engine.selecting import Comparison, Kind, Number, Operation, Relation, Selecting

DOUBT = 1e-9
"""How far apart two values are at least of which the faster functions know the larger one, too.

They are off by a few units in the last place of values up to 360, and nothing is multiplied by more than 1.
"""
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

    numbers: npt.NDArray[np.int64]
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


def selected(selecting: Selecting, batches: Sequence[pa.RecordBatch], size: int) -> npt.NDArray[np.int64]:
    """Give the numbers of the rows of an answer, rising, among `size` of which batches have the columns."""
    if not size:
        return np.empty(0, np.int64)
    names = [str(each.value) for each in selecting.program if each.kind == "column"]
    stored = {name: pa.chunked_array([batch[name] for batch in batches]) for name in names}
    rows = Rows(numbers=np.arange(size), columns={name: vector(values) for name, values in stored.items()})
    known = np.ones(size, np.bool_)
    for name, values in stored.items():
        known &= is_known(values, rows.columns[name])
    rows = rows.of(known)
    # An infinite position is nowhere: what it is made of is NaN, to which nothing here has a relation.
    with np.errstate(invalid="ignore"):
        for test in selecting.tests:
            rows = rows.of(rows.truths(selecting.program, test))
    return rows.numbers[selecting.skip : selecting.skip + selecting.most]


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
