"""Columns are described from their values and from what the source says."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.catalogs.statistics import Note, columns


def one(values: pa.Array, note: Note | None = None) -> Column:
    """The description of a single column."""
    return columns(pa.table({"x": values}), {"x": note} if note else {})[0]


@given(st.lists(st.none() | st.floats(), max_size=20))
def test_the_range_is_that_of_the_finite_values(values: list[float | None]) -> None:
    column = one(pa.array(values, pa.float64()))
    finite = [value for value in values if value is not None and abs(value) < float("inf")]
    assert (column.minimum, column.maximum) == ((min(finite), max(finite)) if finite else (None, None))
    assert column.nulls == sum(value is None or value != value for value in values)


@pytest.mark.parametrize(
    ("values", "datatype", "arraysize"),
    [
        (pa.array([1, None], pa.int64()), "long", None),
        (pa.array([1], pa.uint8()), "short", None),
        (pa.array([1], pa.uint32()), "long", None),
        (pa.array([True]), "boolean", None),
        (pa.array(["a"]), "char", "*"),
        (pa.array(["é"]), "unicodeChar", "*"),
        (pa.array([], pa.large_string()), "char", "*"),
        (pa.array(["a", "b"]).dictionary_encode(), "char", "*"),
    ],
)
def test_datatypes(values: pa.Array, datatype: str, arraysize: str | None) -> None:
    column = one(values)
    assert (column.datatype, column.arraysize) == (datatype, arraysize)


def test_columns_that_votable_can_not_say_are_left_out() -> None:
    assert columns(pa.table({"l": [[1.0]], "x": [1]}), {})[0].name == "x"


def test_notes_are_kept_and_say_what_is_shown() -> None:
    table = pa.table({name: [1] for name in "abc"})
    described = columns(table, {"b": Note(unit="mag", ucd="phot.mag", description="bright", principal=True)})
    assert [column.principal for column in described] == [False, True, False]
    assert (described[1].unit, described[1].ucd, described[1].description) == ("mag", "phot.mag", "bright")
    assert all(column.principal for column in columns(table, {}))
