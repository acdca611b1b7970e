"""VOTable 1.4 documents: results in BINARY2 or TABLEDATA, and errors, as TAP 1.1 and DALI 1.1 want them."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import batches, markup, packing
from uraniborg_portal.formats import tabledata as rows_as_text

MEDIA_TYPE = "application/x-votable+xml"
_NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"
"""The namespace of VOTable 1.3 is that of 1.4, too."""
_FRAME = "position_frame"


def binary2(result: QueryResult) -> Iterator[bytes]:
    """Give a result as a VOTable whose rows are BINARY2 in base64: compact and exact."""
    prepared = batches.prepare(result)
    yield _opening(result, prepared.columns)
    yield b'<DATA><BINARY2><STREAM encoding="base64">\n'
    yield from _base64(_pack(batch, prepared.columns) for batch in prepared.batches())
    yield b"\n</STREAM></BINARY2></DATA>\n"
    yield _closing(result)


def tabledata(result: QueryResult) -> Iterator[bytes]:
    """Give a result as a VOTable whose rows are text that people can read."""
    prepared = batches.prepare(result)
    yield _opening(result, prepared.columns)
    yield b"<DATA><TABLEDATA>\n"
    for batch in prepared.batches():
        yield rows_as_text.rows(batch, prepared.columns)
    yield b"</TABLEDATA></DATA>\n"
    yield _closing(result)


def without_data(result: QueryResult, columns: tuple[Column, ...]) -> str:
    """Give a VOTable that describes the columns and holds no rows, as VOParquet 1.0 stores it."""
    return (_opening(result, columns) + _closing(result)).decode("utf-8")


def votable_error(message: str) -> bytes:
    """Give the document of a failed query: QUERY_STATUS is ERROR and holds the message (DALI 1.1, section 4.4)."""
    body = f'<RESOURCE type="results">\n<INFO name="QUERY_STATUS" value="ERROR">{markup.text(message)}</INFO>\n'
    return (_root() + body + "</RESOURCE>\n</VOTABLE>\n").encode("utf-8")


def _root() -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<VOTABLE version="1.4" xmlns="{_NAMESPACE}">\n'


def _opening(result: QueryResult, columns: tuple[Column, ...]) -> bytes:
    pieces = [_root(), '<RESOURCE type="results">\n', '<INFO name="QUERY_STATUS" value="OK"/>\n']
    pieces.append(f'<INFO name="QUERY" value={markup.attribute(result.adql)}/>\n')
    pieces += [f'<INFO name="NOTE" value={markup.attribute(note)}/>\n' for note in result.notes]
    if any(_is_position(column) for column in columns):
        epoch = "" if result.epoch is None else f' epoch="J{result.epoch:g}"'
        pieces.append(f'<COOSYS ID="{_FRAME}" system="ICRS"{epoch}/>\n')
    pieces.append(f'<TABLE name="result" nrows="{result.table.num_rows}">\n')
    pieces += [_field(column) for column in columns]
    return "".join(pieces).encode("utf-8")


def _closing(result: QueryResult) -> bytes:
    overflow = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>\n' if result.overflow else ""
    return f"</TABLE>\n{overflow}</RESOURCE>\n</VOTABLE>\n".encode()


def _field(column: Column) -> str:
    given = {
        "name": column.name,
        "datatype": column.datatype,
        "arraysize": column.arraysize,
        "unit": column.unit,
        "ucd": column.ucd,
        "xtype": column.xtype,
        "ref": _FRAME if _is_position(column) else None,
    }
    attributes = "".join(f" {key}={markup.attribute(value)}" for key, value in given.items() if value)
    if not column.description:
        return f"<FIELD{attributes}/>\n"
    return f"<FIELD{attributes}>\n<DESCRIPTION>{markup.text(column.description)}</DESCRIPTION>\n</FIELD>\n"


def _is_position(column: Column) -> bool:
    return bool(column.ucd and column.ucd.startswith(("pos.eq.ra", "pos.eq.dec", "pos.pm")))


def _pack(batch: tuple[pa.Array, ...], columns: tuple[Column, ...]) -> bytes:
    rows = len(batch[0]) if batch else 0
    parts: list[packing.Bytes | pa.Array] = []
    waiting: list[npt.NDArray[np.generic]] = [packing.null_flags(batch, rows)]
    for values, column in zip(batch, columns, strict=True):
        if column.datatype in packing.DTYPES:
            missing = np.nan if column.datatype in ("float", "double") else 0
            waiting.append(packing.fixed(values, column.datatype, missing))
        else:
            size, content = packing.text(values, column.datatype)
            characters = size // 2 if column.datatype == "unicodeChar" else size
            parts += [packing.rows_of([*waiting, characters.astype(">i4")]), content]
            waiting = []
    if waiting:
        parts.append(packing.rows_of(waiting))
    return packing.ragged(parts)


def _base64(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        whole = rest + piece
        cut = len(whole) - len(whole) % 3
        rest = whole[cut:]
        yield base64.b64encode(memoryview(whole)[:cut])
    yield base64.b64encode(rest)
