"""Every format gives back the rows that went in: NULL, unicode, extremes and empty tables among them."""

from __future__ import annotations

import io
import json
import math
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import csv

from uraniborg_portal.catalogs.datatypes import ARROW
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import FORMATS, Format, find

Rows = dict[str, list[Any]]
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12)
SCRIPT = "\N{MATHEMATICAL SCRIPT CAPITAL A}"
VALUES = {
    "boolean": st.booleans(),
    "short": st.integers(-(2**15), 2**15 - 1),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False),
    "double": st.floats(allow_nan=False),
    "char": st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12),
    "unicodeChar": TEXT,
}


def result(rows: Rows, batch: int = 7) -> QueryResult:
    """A result with one column per datatype, named as the datatype, in several batches."""
    whole = pa.table({name: pa.array(values, ARROW[name]) for name, values in rows.items()})
    table = pa.concat_tables([whole.slice(start, batch) for start in range(0, max(1, len(whole)), batch)])
    columns = tuple(Column(name=name, datatype=name, unit="deg" if name == "double" else None) for name in rows)
    return QueryResult(table=table, columns=columns, overflow=False, adql="SELECT *")


def written(name: str, given_result: QueryResult) -> bytes:
    return b"".join(find(name).write(given_result))


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    size = draw(st.integers(0, 20))
    return {name: draw(st.lists(st.none() | values, min_size=size, max_size=size)) for name, values in VALUES.items()}


def values_of(table: Table) -> Rows:
    """Rows of an astropy table, with None for what is masked or NaN."""
    rows: Rows = {}
    for name in table.colnames:
        column = np.ma.MaskedArray(table[name])
        rows[name] = [
            None if hidden else value
            for value, hidden in zip(column.data.tolist(), np.ma.getmaskarray(column), strict=True)
        ]
    return rows


def same(got: Rows, wanted: Rows, *, blank_is_null: bool) -> None:
    for name, values in wanted.items():
        for one, other in zip(got[name], values, strict=True):
            if name in ("char", "unicodeChar") and blank_is_null:
                assert (one or "") == (other or "")
            elif isinstance(one, float) and np.isnan(one):
                assert other is None
            else:
                assert one == other


@pytest.mark.parametrize("name", ["votable", "votable/b", "votable/td"])
@given(rows=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_votables_survive_astropy(name: str, rows: Rows) -> None:
    document = parse(io.BytesIO(written(name, result(rows))), verify="exception")
    # An empty text and NULL are the same in a VOTable of text; XML readers drop spaces around a cell.
    got = values_of(document.get_first_table().to_table())
    spaced = {
        key: [v.strip() if isinstance(v, str) and name == "votable/td" else v for v in values]
        for key, values in rows.items()
    }
    got = {
        key: [v.strip() if isinstance(v, str) and name == "votable/td" else v for v in values]
        for key, values in got.items()
    }
    same(got, spaced, blank_is_null=True)


@given(rows=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_fits_survives_astropy(rows: Rows) -> None:
    content = written("fits", result(rows))
    assert len(content) % 2880 == 0
    with fits.open(io.BytesIO(content), logical_as_bytes=True) as file:
        table = Table.read(file[1])
    table.convert_bytestring_to_unicode()
    got = values_of(table)
    got["boolean"] = [{"T": True, "F": False}.get(value or "") for value in got["boolean"]]
    trimmed = {key: [v.rstrip(" ") if isinstance(v, str) else v for v in values] for key, values in rows.items()}
    got = {key: [v.rstrip(" ") if isinstance(v, str) else v for v in values] for key, values in got.items()}
    same(got, trimmed, blank_is_null=True)


@given(rows=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parquet_and_arrow_are_exact(rows: Rows) -> None:
    wanted = result(rows)
    assert pq.read_table(io.BytesIO(written("parquet", wanted))).to_pydict() == wanted.table.to_pydict()
    assert pa.ipc.open_stream(written("arrow", wanted)).read_all().to_pydict() == wanted.table.to_pydict()


@given(rows=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_csv_is_exact(rows: Rows) -> None:
    wanted = result(rows)
    options = csv.ConvertOptions(
        column_types={name: ARROW[name] for name in rows},
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )
    parsing = csv.ParseOptions(newlines_in_values=True)
    got = csv.read_csv(io.BytesIO(written("csv", wanted)), convert_options=options, parse_options=parsing)
    assert got.to_pydict() == wanted.table.to_pydict()


@given(rows=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_json_is_exact(rows: Rows) -> None:
    told = json.loads(written("json", result(rows)))
    assert (told["query"], told["rows"], told["overflow"]) == ("SELECT *", len(rows["long"]), False)
    assert [column["name"] for column in told["columns"]] == list(rows)
    got = {name: [row[number] for row in told["data"]] for number, name in enumerate(rows)}
    words = {"inf": float("inf"), "-inf": float("-inf")}
    for name in ("float", "double"):
        got[name] = [words.get(value, value) if isinstance(value, str) else value for value in got[name]]
    got["float"] = [None if value is None else float(np.float32(value)) for value in got["float"]]
    assert got == rows


@given(rows=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_tsv_has_a_line_for_each_row(rows: Rows) -> None:
    lines = written("tsv", result(rows)).decode().split("\n")
    assert lines[0].split("\t") == list(rows)
    assert lines.pop() == ""
    got = [dict(zip(rows, line.split("\t"), strict=True)) for line in lines[1:]]
    assert [row["unicodeChar"] for row in got] == [text or "" for text in rows["unicodeChar"]]
    assert [int(row["long"]) if row["long"] else None for row in got] == rows["long"]
    assert [float(row["double"]) if row["double"] else None for row in got] == rows["double"]


@given(rows=tables())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_html_can_be_read(rows: Rows) -> None:
    document = html5(written("html", result(rows)))
    cells = [[cell.text or "" for cell in row.findall("td")] for row in document.findall("body/table/tbody/tr")]
    assert len(cells) == len(rows["long"])
    place = list(rows).index("unicodeChar")
    assert [row[place] for row in cells] == [text or "" for text in rows["unicodeChar"]]


def html5(content: bytes) -> ET.Element:
    """The page as a tree; what HTML leaves open is closed."""
    page = content.decode().removeprefix("<!doctype html>\n").replace('<meta charset="utf-8">', "")
    return ET.fromstring(page)


def test_what_is_no_value_is_told_apart_where_it_can_be() -> None:
    table = pa.table(
        {"d": pa.array([None, math.nan, math.inf, -math.inf]), "s": ["", None, 'a"\t\r\n\x01', f"{SCRIPT}\\"]}
    )
    columns = (Column(name="d", datatype="double"), Column(name="s", datatype="unicodeChar", arraysize="*"))
    answer = QueryResult(table=table, columns=columns, overflow=True, adql="")
    told = json.loads(written("json", answer))
    assert told["data"] == [[None, ""], [None, None], ["inf", 'a"\t\r\n\x01'], ["-inf", f"{SCRIPT}\\"]]
    assert told["overflow"]
    lines = written("tsv", answer).decode().split("\n")
    assert lines == ["d\ts", "\t", "nan\t", 'inf\ta"   \x01', f"-inf\t{SCRIPT}\\", ""]
    read = parse(io.BytesIO(written("votable", answer))).get_first_table().to_table()
    assert [str(text) for text in read["s"]][2:] == ['a"\t\r\n\x01', f"{SCRIPT}\\"]


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_many_batches_are_one_table(known: Format) -> None:
    size = 150_000
    numbers = np.arange(size)
    table = pa.table({"long": numbers, "char": [f"row {number}" for number in numbers]})
    columns = (Column(name="long", datatype="long"), Column(name="char", datatype="char", arraysize="*"))
    content = b"".join(known.write(QueryResult(table=table, columns=columns, overflow=False, adql="")))
    read = {
        "votable": lambda data: parse(io.BytesIO(data)).get_first_table().to_table(),
        "votable/b": lambda data: parse(io.BytesIO(data)).get_first_table().to_table(),
        "csv": lambda data: csv.read_csv(io.BytesIO(data)),
        "fits": lambda data: Table.read(io.BytesIO(data), format="fits"),
        "parquet": lambda data: pq.read_table(io.BytesIO(data)),
        "arrow": lambda data: pa.ipc.open_stream(data).read_all(),
    }
    if known.name in read:
        got = read[known.name](content)
        assert np.array_equal(np.asarray(got["long"]), numbers)
        last = got["char"][-1]
        assert (
            str(last.as_py() if isinstance(last, pa.Scalar) else last.decode() if isinstance(last, bytes) else last)
            == "row 149999"
        )
    else:
        line = {"tsv": b"\trow ", "json": b',"row ', "html": b"</td><td>row "}.get(known.name, b"<TR>")
        assert content.count(line) == size


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("votable", "votable"),
        ("application/x-votable+xml", "votable"),
        ("TEXT/XML", "votable"),
        ("application/x-votable+xml; serialization=BINARY2", "votable"),
        ("application/x-votable+xml;serialization=TABLEDATA", "votable/td"),
        ("votable/td", "votable/td"),
        ("csv", "csv"),
        ("text/csv; header=present", "csv"),
        ("FITS", "fits"),
        ("application/fits", "fits"),
        ("parquet", "parquet"),
        ("application/vnd.apache.parquet", "parquet"),
        ("arrow", "arrow"),
    ],
)
def test_response_formats_are_found(value: str, name: str) -> None:
    assert find(value).name == name


@pytest.mark.parametrize("value", ["", "xlsx", "../votable", "votable\n", "x" * 10_000])
def test_unknown_formats_are_refused(value: str) -> None:
    if value.strip() == "votable":
        assert find(value).name == "votable"
        return
    with pytest.raises(BadParameter, match="RESPONSEFORMAT") as caught:
        find(value)
    assert len(caught.value.message) < 300
