"""Values as words, column by column in Arrow: numbers in full precision, arrays as numbers with a space between."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.formats import packing


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a format writes what is no plain number."""

    true: str
    false: str
    nan: str
    infinite: str
    """Positive infinity."""
    below: str
    """Negative infinity."""
    null: str = ""
    """A value that is not there inside an array; a cell that is not there is NULL itself."""
    between: str = " "
    """What stands between the numbers of an array."""


DALI = Words(true="T", false="F", nan="NaN", infinite="+Inf", below="-Inf", null="NaN")
"""As VOTable has it (VOTable 1.4, section 5.1)."""


def words(values: pa.Array, how: Words) -> pa.Array:
    """Give a column as text; NULL stays NULL, and text is what it is."""
    if datatypes.is_string(values.type):
        return values
    if pa.types.is_list(values.type):
        return _lists(values, how)
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, how.true, how.false)
    found = values.cast(pa.string())
    if not pa.types.is_floating(values.type):
        return found
    if pc.all(pc.is_finite(values), min_count=0).as_py() is not False:
        return found
    found = pc.if_else(pc.is_nan(values), how.nan, found)
    return pc.if_else(pc.is_inf(values), pc.if_else(pc.greater(values, 0), how.infinite, how.below), found)


def rows_of(cells: list[pa.Array], opening: str, between: str, closing: str) -> bytes:
    """Give columns of text as rows of text, in UTF-8."""
    parts: list[pa.Array | str] = [opening]
    for number, each in enumerate(cells):
        parts += [between, each] if number else [each]
    return bytes(packing.joined([*parts, closing, ""]))


def _lists(values: pa.Array, how: Words) -> pa.Array:
    inner = words(values.flatten(), how).fill_null(how.null)
    lengths = pc.list_value_length(values).fill_null(0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, inner), how.between)
    return pc.if_else(values.is_null(), pa.scalar(None, pa.string()), joined)
