"""Tables from files of every format, with what the files say about their columns."""

from __future__ import annotations

import bz2
import errno
import gzip
from pathlib import Path

import astropy.units as u
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import MaskedColumn, Table

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.catalogs.read import format_of, read_files, readable
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import find

ROWS = {
    "ra": [10.5, 20.25, None],
    "dec": [-5.0, 0.0, 89.5],
    "n": [1, None, -3],
    "name": ["a,b", None, "é"],
    "ok": [True, False, None],
}


def table() -> Table:
    """The rows as astropy holds them."""
    return Table(
        {
            "ra": MaskedColumn([10.5, 20.25, np.nan], mask=[0, 0, 1], unit=u.deg, description="Right ascension"),
            "dec": [-5.0, 0.0, 89.5] * u.deg,
            "n": MaskedColumn([1, 0, -3], mask=[0, 1, 0], dtype="i4"),
            "name": MaskedColumn(["a,b", "", "é"], mask=[0, 1, 0]),
            "ok": MaskedColumn([True, False, False], mask=[0, 0, 1]),
        }
    )


def columns() -> tuple[Column, ...]:
    kinds = {"ra": "double", "dec": "double", "n": "int", "name": "char", "ok": "boolean"}
    return tuple(
        Column(name=name, datatype=kind, unit="deg" if kind == "double" else None) for name, kind in kinds.items()
    )


def ours(folder: Path, name: str) -> Path:
    """The rows as we write them."""
    types = {"n": pa.int32()}
    arrow = pa.table({name: pa.array(values, types.get(name)) for name, values in ROWS.items()})
    known = find(name)
    path = folder / f"t{known.extension}"
    path.write_bytes(
        b"".join(known.write(QueryResult(table=arrow, columns=columns(), overflow=False, adql="", epoch=2016.0)))
    )
    return path


def blank(rows: dict[str, list[object]]) -> dict[str, list[object]]:
    """Rows with empty text as NULL and NaN as NULL: formats without NULL can't tell them apart."""
    return {
        name: [None if value == "" or value != value else value for value in values] for name, values in rows.items()
    }


@pytest.mark.parametrize("name", ["votable", "votable/td", "csv", "fits", "parquet"])
def test_what_we_write_we_read(tmp_path: Path, name: str) -> None:
    source = read_files((ours(tmp_path, name),))
    got = blank(source.table.to_pydict())
    assert got == ROWS
    if name != "csv":
        assert source.notes["ra"].unit == "deg"


def test_the_epoch_of_a_votable_is_read(tmp_path: Path) -> None:
    path = ours(tmp_path, "votable")
    text = path.read_text().replace(
        '<FIELD name="ra" datatype="double" unit="deg"', '<FIELD name="ra" datatype="double" unit="deg" ucd="pos.eq.ra"'
    )
    assert read_files((path,)).epoch is None
    path.write_text(text.replace("<TABLE name", '<COOSYS ID="c" system="ICRS" epoch="J2016.0"/>\n<TABLE name'))
    assert read_files((path,)).epoch == 2016.0


@pytest.mark.parametrize(("suffix", "form"), [("ecsv", "ascii.ecsv"), ("vot", "votable"), ("csv", "ascii.csv")])
def test_what_astropy_writes_we_read(tmp_path: Path, suffix: str, form: str) -> None:
    path = tmp_path / f"t.{suffix}"
    table().write(path, format=form)
    source = read_files((path,))
    assert blank(source.table.to_pydict()) == ROWS
    if suffix != "csv":
        assert source.notes["ra"] == Note(unit="deg", description="Right ascension")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "t.txt"
    path.write_text(
        "# a comment\n" + delimiter.join(["ra", "dec", "v"]) + "\n" + delimiter.join(["1", "2.5", ""]) + "\n"
    )
    assert read_files((path,)).table.to_pydict() == {"ra": [1], "dec": [2.5], "v": [None]}


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_compressed_files_are_read(tmp_path: Path, suffix: str, pack: object) -> None:
    (tmp_path / f"t.csv{suffix}").write_bytes(pack(b"ra,dec\n1,2\n"))
    assert read_files((tmp_path / f"t.csv{suffix}",)).table.num_rows == 1


def test_several_files_are_one_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("ra,dec,x\n1,2,\n")
    (tmp_path / "b.csv").write_text("ra,dec,x\n3.5,4,7\n")
    (tmp_path / "c.csv").write_text("ra,x\n3,4\n")
    both = read_files((tmp_path / "a.csv", tmp_path / "b.csv"))
    assert both.table.to_pydict() == {"ra": [1.0, 3.5], "dec": [2, 4], "x": [None, 7]}
    with pytest.raises(BadParameter, match="other columns"):
        read_files((tmp_path / "a.csv", tmp_path / "c.csv"))


def test_arrays_are_left_out_and_times_become_text(tmp_path: Path) -> None:
    import datetime as dt

    source = pa.table(
        {
            "ra": [1.0],
            "dec": [2.0],
            "flux": [[1.0, 2.0]],
            "when": [dt.datetime(2020, 1, 2, 3)],
            "u": pa.array([7], pa.uint8()),
        }
    )
    pq.write_table(source, tmp_path / "t.parquet")
    got = read_files((tmp_path / "t.parquet",))
    assert got.left_out == ("flux",)
    assert got.table["when"][0].as_py().startswith("2020-01-02")
    assert got.table.schema.field("u").type == pa.int16()


def test_names_are_made_fit_and_doubles_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(',ra,dec,"a""b"\n0,1,2,3\n')
    assert read_files((tmp_path / "t.csv",)).table.column_names == ["column_1", "ra", "dec", "a_b"]
    (tmp_path / "d.csv").write_text("ra,dec,RA\n1,2,3\n")
    with pytest.raises(BadParameter, match="Two columns"):
        read_files((tmp_path / "d.csv",))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.fits", b"SIMPLE  =                    T" + b" " * 50 + b"END"),
        ("t.vot", b"<?xml version='1.0'?><VOTABLE><RESOURCE></VOTABLE>"),
        ("t.vot", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"),
        ("t.parquet", b"PAR1 nothing"),
        ("t.csv", b""),
        ("t.csv", b"ra,dec\n1,2,3\n"),
        ("t.csv", b"\xff\xfe\x00"),
        ("t.doc", b"hello"),
        ("t.csv.gz", b"not gzip"),
    ],
)  # fmt: skip
def test_broken_files_are_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadParameter) as caught:
        read_files((path,))
    assert name in caught.value.message
    assert "\n" not in caught.value.message


def test_missing_files_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="can't be opened"):
        format_of(tmp_path / "nothing.csv")


def test_a_full_disk_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space"), readable(tmp_path / "t.csv", "CSV"):
        raise OSError(errno.ENOSPC, "No space left on device")
