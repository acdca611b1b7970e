"""Columns of several pieces have a type that loses nothing."""

from __future__ import annotations

import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.ingest import types


@pytest.mark.parametrize(
    ("names", "joined"),
    [
        ([], "null"),
        (["null", "null"], "null"),
        (["null", "int64"], "int64"),
        (["int16", "int64", "int32"], "int64"),
        (["int64", "double"], "double"),
        (["int16", "float"], "float"),
        (["int32", "float"], "double"),
        (["double", "string"], "string"),
        (["bool", "int64"], "string"),
        (["bool", "null"], "bool"),
    ],
)
def test_joined(names: list[str], joined: str) -> None:
    assert types.joined(names) == types.joined(reversed(names)) == joined


def test_what_became_text_is_read_again_where_it_was_none() -> None:
    assert types.written_again("double", "string")
    assert not types.written_again("null", "string")
    assert not types.written_again("int64", "double")
    assert types.arrow("double") == pa.float64()
