"""FITS headers say what the columns are."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
from astropy.io import fits as astropy_fits

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import fits


def opened(table: pa.Table, *columns: Column, **more: object) -> astropy_fits.BinTableHDU:
    answer = QueryResult(**{"table": table, "columns": columns, "overflow": False, "adql": "SELECT é", **more})
    file = astropy_fits.open(io.BytesIO(b"".join(fits.write(answer))))
    file.verify("exception")
    return file[1]


def test_units_ucds_query_and_epoch_are_in_the_header() -> None:
    column = Column(name="pmra", datatype="double", unit="mas/yr", ucd="pos.pm;pos.eq.ra", description="x" * 200)
    header = opened(pa.table({"pmra": [1.0]}), column, epoch=1991.25).header
    assert (header["TTYPE1"], header["TUNIT1"], header["TUCD1"]) == ("pmra", "mas/yr", "pos.pm;pos.eq.ra")
    assert header["TCOMM1"] == "x" * 200
    assert "J1991.25" in str(header["COMMENT"])
    assert "SELECT ?" in str(header["COMMENT"])


def test_null_integers_get_a_number_that_no_value_has() -> None:
    values = [-(2**15), -(2**15) + 1, None, 7]
    table = opened(pa.table({"n": pa.array(values, pa.int16())}), Column(name="n", datatype="short"))
    assert table.header["TNULL1"] == -(2**15) + 2
    assert np.asarray(table.data["n"]).tolist() == [-(2**15), -(2**15) + 1, -(2**15) + 2, 7]


def test_columns_without_null_have_no_tnull() -> None:
    table = opened(pa.table({"n": pa.array([1], pa.int32())}), Column(name="n", datatype="int"))
    assert "TNULL1" not in table.header


def test_every_short_number_may_be_taken() -> None:
    values = [None, *range(-(2**15), 2**15)]
    table = opened(pa.table({"n": pa.array(values, pa.int16())}), Column(name="n", datatype="short"))
    assert (table.header["TFORM1"], table.header["TNULL1"]) == ("J", -(2**31))
    assert np.asarray(table.data["n"]).tolist() == [-(2**31), *values[1:]]


def test_long_texts_are_as_wide_as_the_longest_of_all_batches() -> None:
    words = pa.table({"s": ["a"] * 70_000 + ["é" * 40]})
    table = opened(words, Column(name="s", datatype="unicodeChar", arraysize="*"))
    assert table.header["TFORM1"] == "80A"
    assert bytes(table.data["s"][0]) == b"a"
