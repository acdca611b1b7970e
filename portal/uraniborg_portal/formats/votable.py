"""VOTable 1.4 documents: results in BINARY2, BINARY or TABLEDATA, and errors, as TAP 1.1 and DALI 1.1 want them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
import pyarrow as pa
import pybase64

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.errors import PortalError
from uraniborg_portal.formats import batches, markup, packing
from uraniborg_portal.formats import tabledata as rows_as_text
from uraniborg_portal.formats.survey import Survey, survey

MEDIA_TYPE = "application/x-votable+xml"
LINKS = "ivo://ivoa.net/std/DataLink#links-1.1"
"""What the links of DataLink 1.1 are called, as a service and as a document."""
LINKS_TYPE = f"{MEDIA_TYPE};content=datalink"
"""The media type of a document of links."""
_NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"
"""The namespace of VOTable 1.3 is that of 1.4, too."""
_FRAME = "position_frame"


def binary2(result: Rows) -> Iterator[bytes]:
    """Give a result as a VOTable whose rows are BINARY2 in base64: compact and exact.

    Where the rows end early the document is whole nevertheless, says so (DALI 1.1, section 4.4), and the error is
    raised after its last piece. The same holds for the other ways to write a VOTable.
    """
    prepared = batches.prepare(result)
    rows = _base64(_binary2_rows(batch, prepared.columns) for batch in prepared.batches)
    return _document(result, prepared.columns, "BINARY2", rows)


def binary(result: Rows) -> Iterator[bytes]:
    """Give a result as a VOTable whose rows are BINARY in base64: NULL is NaN, or a whole number that no value is.

    The rows wait on the disk until such numbers are known.
    """
    with result.repeatable() as kept:
        found = survey(kept)
        rows = _base64(_binary_rows(batch, found) for batch in found.batches(kept))
        yield from _document(kept, found.columns, "BINARY", rows, found.nulls)


def tabledata(result: Rows) -> Iterator[bytes]:
    """Give a result as a VOTable whose rows are text that people can read."""
    prepared = batches.prepare(result)
    return _document(result, prepared.columns, "TABLEDATA", map(rows_as_text.rows, prepared.batches))


def links_document(result: Rows) -> Iterator[bytes]:
    """Give links as the VOTable that DataLink 1.1 wants (section 3.3.1): as `tabledata`, and it says what it is."""
    prepared = batches.prepare(result)
    rows = map(rows_as_text.rows, prepared.batches)
    return _document(result, prepared.columns, "TABLEDATA", rows, standard=LINKS)


def without_data(result: Rows, columns: tuple[Column, ...]) -> str:
    """Give a VOTable that describes the columns and holds no rows, as VOParquet 1.0 stores it."""
    return (_opening(result, columns) + _closing(result)).decode("utf-8")


def votable_error(message: str) -> bytes:
    """Give the document of a failed query: QUERY_STATUS is ERROR and holds the message (DALI 1.1, section 4.4)."""
    body = f'<RESOURCE type="results">\n<INFO name="QUERY_STATUS" value="ERROR">{markup.text(message)}</INFO>\n'
    return (_root() + body + "</RESOURCE>\n</VOTABLE>\n").encode("utf-8")


def _root() -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<VOTABLE version="1.4" xmlns="{_NAMESPACE}">\n'


def _document(
    result: Rows,
    columns: tuple[Column, ...],
    kind: str,
    rows: Iterator[bytes],
    nulls: Sequence[int | None] = (),
    standard: str | None = None,
) -> Iterator[bytes]:
    before, after = ("", "") if kind == "TABLEDATA" else ('<STREAM encoding="base64">\n', "\n</STREAM>")
    yield _opening(result, columns, nulls, standard) + f"<DATA><{kind}>{before}\n".encode()
    end = f"{after}</{kind}></DATA>\n".encode()
    try:
        yield from rows
    except PortalError as error:
        yield end + _closing(result, error)
        raise
    yield end + _closing(result)


def _opening(
    result: Rows, columns: tuple[Column, ...], nulls: Sequence[int | None] = (), standard: str | None = None
) -> bytes:
    pieces = [_root(), '<RESOURCE type="results">\n', '<INFO name="QUERY_STATUS" value="OK"/>\n']
    name, said = ("standardID", standard) if standard else ("QUERY", result.adql)
    pieces.append(f'<INFO name="{name}" value={markup.attribute(said)}/>\n')
    pieces += [f'<INFO name="NOTE" value={markup.attribute(note)}/>\n' for note in result.notes]
    if any(_is_position(column) for column in columns):
        epoch = "" if result.epoch is None else f' epoch="J{result.epoch:g}"'
        pieces.append(f'<COOSYS ID="{_FRAME}" system="ICRS"{epoch}/>\n')
    known = "" if result.rows is None else f' nrows="{result.rows}"'
    pieces.append(f'<TABLE name="result"{known}>\n')
    described = enumerate(zip_longest(columns, nulls))
    pieces += [_field(column, null, _field_id(number)) for number, (column, null) in described]
    return "".join(pieces).encode("utf-8")


def _closing(result: Rows, error: PortalError | None = None) -> bytes:
    said = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>\n' if result.overflow else ""
    if error:
        words = " ".join(part for part in (error.message, error.remedy) if part)
        said = f'<INFO name="QUERY_STATUS" value="ERROR">{markup.text(words)}</INFO>\n'
    services = "".join(_service(number, each.links) for number, each in enumerate(result.columns) if each.links)
    return f"</TABLE>\n{said}</RESOURCE>\n{services}</VOTABLE>\n".encode()


def _service(number: int, url: str) -> str:
    """Give the descriptor of the DataLink service that takes a column's values (DataLink 1.1, section 4)."""
    said = {"standardID": LINKS, "accessURL": url, "contentType": LINKS_TYPE}
    pieces = ['<RESOURCE type="meta" utype="adhoc:service" name="links">\n']
    pieces += [
        f'<PARAM name="{name}" datatype="char" arraysize="*" value={markup.attribute(value)}/>\n'
        for name, value in said.items()
    ]
    taken = f'<PARAM name="ID" datatype="char" arraysize="*" ref="{_field_id(number)}" value=""/>'
    pieces += [f'<GROUP name="inputParams">\n{taken}\n</GROUP>\n</RESOURCE>\n']
    return "".join(pieces)


def _field_id(number: int) -> str:
    return f"column_{number}"


def _field(column: Column, null: int | None, identifier: str) -> str:
    given = {
        "ID": identifier if column.links else None,
        "name": column.name,
        "datatype": column.datatype,
        "arraysize": column.arraysize,
        "unit": column.unit,
        "ucd": column.ucd,
        "utype": column.utype,
        "xtype": column.xtype,
        "ref": _FRAME if _is_position(column) else None,
    }
    attributes = "".join(f" {key}={markup.attribute(value)}" for key, value in given.items() if value)
    inside = f"<DESCRIPTION>{markup.text(column.description)}</DESCRIPTION>\n" if column.description else ""
    inside += "" if null is None else f'<VALUES null="{null}"/>\n'
    return f"<FIELD{attributes}>\n{inside}</FIELD>\n" if inside else f"<FIELD{attributes}/>\n"


def _is_position(column: Column) -> bool:
    return bool(column.ucd and column.ucd.startswith(("pos.eq.ra", "pos.eq.dec", "pos.pm", "POS_EQ_RA", "POS_EQ_DEC")))


def _binary2_rows(batch: pa.RecordBatch, columns: tuple[Column, ...]) -> memoryview:
    parts: list[packing.Values | pa.Array] = [packing.null_flags(batch)]
    for values, column in zip(batch.columns, columns, strict=True):
        parts += packing.parts_of(values, column, np.nan if column.datatype in packing.FLOATS else 0)
    return packing.packed(parts)


def _binary_rows(batch: pa.RecordBatch, found: Survey) -> memoryview:
    parts: list[packing.Values | pa.Array] = []
    for values, column, null in zip(batch.columns, found.columns, found.nulls, strict=True):
        missing = np.nan if column.datatype in packing.FLOATS else null or 0
        parts += packing.parts_of(values, column, missing)
    return packing.packed(parts)


def _base64(pieces: Iterator[memoryview]) -> Iterator[bytes]:
    rest = b""
    try:
        for piece in pieces:
            # Three bytes are four letters: what is left of one piece goes before the next.
            begin = -len(rest) % 3
            cut = max(begin, len(piece) - (len(piece) - begin) % 3)
            first, rest = rest + bytes(piece[:begin]), bytes(piece[cut:])
            if len(first) % 3:
                rest = first
            else:
                yield pybase64.b64encode(first) + pybase64.b64encode(piece[begin:cut])
    except PortalError:
        yield pybase64.b64encode(rest)
        raise
    yield pybase64.b64encode(rest)
