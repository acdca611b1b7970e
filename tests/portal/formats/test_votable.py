"""VOTables say what TAP and DALI want them to say."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from astropy.io.votable import parse, validate

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import BATCH_ROWS, QueryResult, Rows
from uraniborg_portal.errors import TooLarge
from uraniborg_portal.formats import votable

Write = Callable[[Rows], Iterator[bytes]]
NAMESPACE = {"v": "http://www.ivoa.net/xml/VOTable/v1.3"}
COLUMNS = (
    Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main", description='of <"stars"> & more'),
    Column(name="name", datatype="char", arraysize="*", ucd="meta.id"),
)
TABLE = pa.table({"ra": [1.5, None], "name": ["a<b>&c\r\n\x00", None]})


def answer(**more: object) -> QueryResult:
    given = {"table": TABLE, "columns": COLUMNS, "overflow": False, "adql": 'SELECT "ra" < 1\n&', "epoch": 1991.25}
    return QueryResult(**{**given, **more})


class Broken(QueryResult):
    """Rows that end early."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Give the rows, and then an error."""
        yield from super().batches()
        raise TooLarge("Too <much>.", "Ask for less.")


def tree(content: bytes) -> ET.Element:
    return ET.fromstring(content.decode())


@pytest.mark.parametrize("write", [votable.binary2, votable.binary, votable.tabledata])
def test_the_document_is_valid(write: Write) -> None:
    content = b"".join(write(answer(overflow=True, notes=("263 rows",))))
    report = io.StringIO()
    assert validate(io.BytesIO(content), output=report), report.getvalue()


def test_status_query_and_overflow() -> None:
    resource = tree(b"".join(votable.binary2(answer(overflow=True)))).find("v:RESOURCE", NAMESPACE)
    assert resource is not None
    assert resource.get("type") == "results"
    kinds = [(child.tag.split("}")[1], child.get("name"), child.get("value")) for child in resource]
    assert kinds[0] == ("INFO", "QUERY_STATUS", "OK")
    assert kinds[1] == ("INFO", "QUERY", 'SELECT "ra" < 1\n&')
    assert kinds[-1] == ("INFO", "QUERY_STATUS", "OVERFLOW")
    assert kinds[-2][0] == "TABLE"


@pytest.mark.parametrize(("epoch", "expected"), [(1991.25, "J1991.25"), (2016.0, "J2016"), (None, None)])
def test_positions_refer_to_their_frame(epoch: float | None, expected: str | None) -> None:
    document = tree(b"".join(votable.tabledata(answer(epoch=epoch))))
    frame = document.find(".//v:COOSYS", NAMESPACE)
    fields = document.findall(".//v:FIELD", NAMESPACE)
    assert frame is not None
    assert (frame.get("system"), frame.get("epoch")) == ("ICRS", expected)
    assert [field.get("ref") for field in fields] == [frame.get("ID"), None]


def test_columns_keep_unit_ucd_and_description() -> None:
    table = parse(io.BytesIO(b"".join(votable.binary2(answer())))).get_first_table()
    field = table.fields[0]
    assert (str(field.unit), field.ucd, field.description) == ("deg", "pos.eq.ra;meta.main", 'of <"stars"> & more')


def test_characters_that_xml_forbids_are_replaced() -> None:
    cell = tree(b"".join(votable.tabledata(answer()))).findall(".//v:TD", NAMESPACE)[1]
    assert cell.text == "a<b>&c\r\n?"


def test_no_rows_and_no_position() -> None:
    empty = answer(table=TABLE.slice(0, 0).select(["name"]), columns=COLUMNS[1:])
    document = tree(b"".join(votable.binary2(empty)))
    assert document.find(".//v:COOSYS", NAMESPACE) is None
    assert parse(io.BytesIO(b"".join(votable.binary2(empty)))).get_first_table().nrows == 0


def test_text_that_is_not_ascii_is_unicode_whatever_the_column_says() -> None:
    greek = answer(table=pa.table({"name": ["é Cen"]}), columns=COLUMNS[1:])
    table = parse(io.BytesIO(b"".join(votable.binary2(greek)))).get_first_table()
    assert table.fields[0].datatype == "unicodeChar"
    assert table.array["name"][0] == "é Cen"


@pytest.mark.parametrize("write", [votable.binary2, votable.tabledata])
def test_what_a_char_column_can_not_hold_never_breaks_it(write: Write) -> None:
    """The first batch is ASCII, as the column says; a later one is not."""
    late = answer(
        table=pa.table({"name": ["a"] * BATCH_ROWS + ["é \N{MATHEMATICAL SCRIPT CAPITAL A} Cen", "b"]}),
        columns=COLUMNS[1:],
    )
    table = parse(io.BytesIO(b"".join(write(late)))).get_first_table()
    assert table.fields[0].datatype == "char"
    assert str(table.array["name"][-1]) == "b"
    if write is votable.binary2:
        assert table.array["name"][-2] == "? ? Cen"


def test_binary_has_a_number_for_null_that_no_value_is() -> None:
    numbers = [None, -(2**63), -(2**63) + 1, 5]
    table = pa.table({"n": pa.array(numbers, pa.int64()), "name": ["x", "é", None, "y"]})
    columns = (Column(name="n", datatype="long"), COLUMNS[1])
    read = parse(io.BytesIO(b"".join(votable.binary(answer(table=table, columns=columns))))).get_first_table()
    assert read.fields[0].values.null == -(2**63) + 2
    assert read.array["n"].tolist() == numbers
    assert [str(name or "") for name in read.array["name"]] == ["x", "é", "", "y"]


@pytest.mark.parametrize("write", [votable.binary2, votable.tabledata])
def test_rows_that_end_early_are_said_at_the_end(write: Write) -> None:
    pieces: list[bytes] = []
    with pytest.raises(TooLarge):
        pieces.extend(write(Broken(**vars(answer()))))
    document = parse(io.BytesIO(b"".join(pieces)))
    assert document.get_first_table().nrows == 2
    assert [info.value for info in document.resources[0].infos] == ["OK", answer().adql, "ERROR"]
    info = tree(b"".join(pieces)).findall("v:RESOURCE/v:INFO", NAMESPACE)[-1]
    assert (info.get("value"), info.text) == ("ERROR", "Too <much>. Ask for less.")


def test_an_error_is_a_document() -> None:
    document = tree(votable.votable_error('no column "x" <here> & \x00'))
    info = document.find("v:RESOURCE/v:INFO", NAMESPACE)
    assert info is not None
    assert (info.get("name"), info.get("value"), info.text) == (
        "QUERY_STATUS",
        "ERROR",
        'no column "x" <here> & ?',
    )
    assert document.find(".//v:TABLE", NAMESPACE) is None
