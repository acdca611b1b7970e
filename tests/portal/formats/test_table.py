"""Every format gives back the rows that went in: NULL, unicode, extremes and empty tables among them."""

from __future__ import annotations

import io
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


def result(rows: Rows) -> QueryResult:
    """A result with one column per datatype, named as the datatype."""
    table = pa.table({name: pa.array(values, ARROW[name]) for name, values in rows.items()})
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


@pytest.mark.parametrize("name", ["votable", "votable/td"])
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
