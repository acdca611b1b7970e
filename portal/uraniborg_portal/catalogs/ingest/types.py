"""Which type a column has whose pieces have different ones: the narrowest that loses no value. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

_TYPES = {
    str(kind): kind
    for kind in (
        pa.null(), pa.bool_(), pa.int16(), pa.int32(), pa.int64(), pa.uint64(), pa.float32(), pa.float64(), pa.string(),
    )
}  # fmt: skip
_NUMBERS = ("int16", "int32", "int64", "float", "double")
_WHOLE = ("int16", "int32", "int64", "uint64")


def arrow(name: str) -> pa.DataType:
    """Give the Arrow type of a name that `str` gave of one."""
    return _TYPES[name]


def is_number(name: str) -> bool:
    """Tell whether a type is one of numbers."""
    return name in _NUMBERS


def joined(names: Iterable[str]) -> str:
    """Give the type that holds the values of all these types: text where numbers don't do, null where there is none.

    Whole numbers of which some are above `datatypes.LARGEST` are `uint64`, which stands for their text.
    """
    found = set(names) - {"null"}
    if not found:
        return "null"
    if len(found) == 1:
        return found.pop()
    if "uint64" in found and found <= set(_WHOLE):
        return "uint64"
    if not found <= set(_NUMBERS):
        return "string"
    widest = max(found, key=_NUMBERS.index)
    # A float has 24 bits of an integer.
    return "double" if widest == "float" and found & {"int32", "int64"} else widest


def stored(name: str) -> str:
    """Give the type that a column of a catalog has whose values are of a type that `joined` gave."""
    # A column without any value is text: nothing else can be said of it.
    return "string" if name in ("null", "uint64") else name


def written_again(name: str, final: str) -> bool:
    """Tell whether values of a type have to be read again as text, since their text can't be had from them."""
    return final == "string" and name not in ("string", "null", "uint64")
