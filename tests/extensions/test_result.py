"""Arrow and the portal's description make an astropy Table that has lost nothing."""

from __future__ import annotations

import io

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.table import Table

from uraniborg._result import build

ROWS = pa.table(
    {
        "hip": pa.array([87937, 2, None], pa.int32()),
        "ra": pa.array([269.454, 2.0, 3.0]),
        "dec": pa.array([4.668, 2.0, 3.0]),
        "pmra": pa.array([-797.84, 1.0, None]),
        "pmdec": pa.array([10326.93, 1.0, 2.0]),
        "name": pa.array(["Barnard's Star", None, "β"]),
        "double": pa.array([True, None, False]),
    }
)
DESCRIBED = {
    "id": "q1",
    "adql": "SELECT * FROM hipparcos",
    "epoch": 1991.25,
    "overflow": False,
    "notes": ["263 rows have no position."],
    "position": {"ra": "ra", "dec": "dec"},
    "columns": [
        {"name": "hip", "datatype": "int", "unit": None, "ucd": "meta.id;meta.main", "description": "HIP number"},
        {"name": "ra", "datatype": "double", "unit": "deg", "ucd": "pos.eq.ra", "description": "Right ascension"},
        {"name": "dec", "datatype": "double", "unit": "deg"},
        {"name": "pmra", "datatype": "double", "unit": "mas/yr", "ucd": "pos.pm;pos.eq.ra"},
        {"name": "pmdec", "datatype": "double", "unit": "parrots/fortnight"},
    ],
}


def stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def file(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("pack", [stream, file])
def test_rows_come_back_unchanged(pack: object) -> None:
    result = build(DESCRIBED, pack(ROWS))
    assert isinstance(result, Table)
    assert result.to_arrow().to_pydict() == ROWS.to_pydict()
    assert result.to_arrow().schema.field("ra").metadata[b"unit"] == b"deg"


def test_columns_mean_something() -> None:
    result = build(DESCRIBED, stream(ROWS))
    assert result["ra"].unit == u.deg
    assert result["hip"].description == "HIP number"
    assert result["hip"].meta["ucd"] == "meta.id;meta.main"
    assert str(result["pmdec"].unit) == "parrots/fortnight"
    assert result.meta["coosys"] == {"system": "ICRS", "epoch": "J1991.25"}
    assert result.meta["notes"] == ("263 rows have no position.",)


def test_missing_values_stay_missing() -> None:
    result = build(DESCRIBED, stream(ROWS))
    assert result["hip"].dtype == np.int32
    assert list(result["hip"].mask) == [False, False, True]
    assert result.to_pandas()["hip"].isna().tolist() == [False, False, True]


def test_positions_know_frame_epoch_and_motion() -> None:
    rows = ROWS.slice(0, 2)
    described = {
        **DESCRIBED,
        "columns": [*DESCRIBED["columns"][:4], {"name": "pmdec", "unit": "mas/yr", "ucd": "pos.pm;pos.eq.dec"}],
    }
    places = build(described, stream(rows)).coordinates
    assert places.obstime.jyear == pytest.approx(1991.25)
    assert places[0].pm_dec.to_value("mas/yr") == pytest.approx(10326.93)


def test_without_motions_nothing_moves() -> None:
    with pytest.raises(ValueError, match="select both proper motions"):
        build(DESCRIBED, stream(ROWS))["ra", "dec"].coordinates_at(2026.0)


def test_without_positions_the_error_says_what_to_select() -> None:
    result = build(DESCRIBED, stream(ROWS))[["hip", "name"]]
    with pytest.raises(ValueError, match="select the right ascension"):
        _ = result.coordinates
