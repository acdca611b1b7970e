"""Arrays of numbers, of one length or of any, come back from every format that has them."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse

from uraniborg_portal.catalogs.datatypes import arrow_of
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import find

COLUMNS = (
    Column(name="id", datatype="long"),
    Column(name="six", datatype="double", arraysize="3", unit="deg"),
    Column(name="name", datatype="unicodeChar", arraysize="*"),
    Column(name="any", datatype="int", arraysize="*"),
    Column(name="single", datatype="float", arraysize="*"),
    Column(name="grid", datatype="short", arraysize="2x2"),
)
ROWS: list[dict[str, Any]] = [
    {"id": 1, "six": [1.5, -2.0, 3e300], "name": "a", "any": [7], "single": [0.5], "grid": [1, 2, 3, 4]},
    {"id": 2, "six": None, "name": None, "any": None, "single": [], "grid": [5, 6, 7, 8]},
    {"id": 3, "six": [1.0, None, 2.0], "name": "c", "any": [], "single": None, "grid": [9, 10, 11, 12]},
    {"id": 4, "six": [0.0, 0.0, 0.0], "name": "dé", "any": [1, 2, 3], "single": [1, 2], "grid": [-1, -2, -3, -4]},
]
SCHEMA = pa.schema([(column.name, arrow_of(column)) for column in COLUMNS])


def written(name: str, rows: list[dict[str, Any]] = ROWS) -> bytes:
    table = pa.concat_tables([pa.Table.from_pylist([row], schema=SCHEMA) for row in rows] or [SCHEMA.empty_table()])
    return b"".join(find(name).write(QueryResult(table=table, columns=COLUMNS, overflow=False, adql="")))


def numbers(value: object) -> list[float | None]:
    """Plain numbers, None for what is hidden or NaN."""
    hidden = np.ma.getmaskarray(value).ravel()
    found = np.ma.getdata(value).ravel().tolist()
    return [None if mask or number != number else number for number, mask in zip(found, hidden, strict=True)]


@pytest.mark.parametrize("name", ["votable", "votable/b", "votable/td"])
def test_votables_have_arrays(name: str) -> None:
    table = parse(io.BytesIO(written(name))).get_first_table().to_table()
    assert [numbers(value) for value in table["six"]] == [
        [1.5, -2.0, 3e300], [None, None, None], [1.0, None, 2.0], [0.0, 0.0, 0.0],
    ]  # fmt: skip
    assert [numbers(value) for value in table["any"]] == [[7], [], [], [1, 2, 3]]
    assert [numbers(value) for value in table["single"]] == [[0.5], [], [], [1, 2]]
    assert [numbers(value) for value in table["grid"]] == [row["grid"] for row in ROWS]
    assert table["grid"].shape == (4, 2, 2)
    assert [str(value or "") for value in table["name"]][2:] == ["c", "dé"]
    assert list(table["id"]) == [1, 2, 3, 4]


def test_fits_has_vectors_and_a_heap() -> None:
    with fits.open(io.BytesIO(written("fits"))) as file:
        file.verify("exception")
        data = file[1].data
        assert [numbers(value) for value in data["six"]][:2] == [[1.5, -2.0, 3e300], [None, None, None]]
        assert [list(value) for value in data["any"]] == [[7], [], [], [1, 2, 3]]
        assert [list(value) for value in data["single"]] == [[0.5], [], [], [1, 2]]
        assert data["grid"].ravel().tolist() == [number for row in ROWS for number in row["grid"]]
        assert data["grid"].shape == (4, 2, 2)
        assert file[1].columns["any"].format == "1QJ(3)"
        assert list(data["id"]) == [1, 2, 3, 4]


def test_parquet_arrow_and_json_are_exact() -> None:
    assert pq.read_table(io.BytesIO(written("parquet"))).to_pylist() == ROWS
    assert pa.ipc.open_stream(written("arrow")).read_all().to_pylist() == ROWS
    told = json.loads(written("json"))
    assert [dict(zip(SCHEMA.names, row, strict=True)) for row in told["data"]] == ROWS
    assert told["columns"][1] == {
        "name": "six", "datatype": "double", "arraysize": "3", "unit": "deg", "ucd": None, "xtype": None,
        "description": None,
    }  # fmt: skip


@pytest.mark.parametrize(("name", "between"), [("csv", ","), ("tsv", "\t"), ("html", "</td><td>")])
def test_texts_have_numbers_with_blanks_between(name: str, between: str) -> None:
    line = written(name).decode().splitlines()[-1 if name != "html" else -4]
    assert between.join(["0 0 0", "dé"]) in line.replace('"', "")
    assert between.join(["1 2 3", "1 2", "-1 -2 -3 -4"]) in line.replace('"', "")


@pytest.mark.parametrize("name", ["votable", "votable/b", "votable/td", "fits", "csv", "json", "parquet"])
def test_no_rows_are_none(name: str) -> None:
    content = written(name, [])
    if name.startswith("votable"):
        assert parse(io.BytesIO(content)).get_first_table().nrows == 0
    if name == "fits":
        with fits.open(io.BytesIO(content)) as file:
            assert len(file[1].data) == 0
