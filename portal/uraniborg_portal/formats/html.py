"""A page with a table: columns with their units and descriptions, and the rows, for people. It needs no script."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import pyarrow.compute as pc

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import Rows
from uraniborg_portal.formats import batches, cells, tabledata

HEAD = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Query result</title></head><body>\n'
TABLE = '<table border="1" cellpadding="3">\n'


def write(result: Rows) -> Iterator[bytes]:
    """Give a result as an HTML page; below the table it says how many rows there are, and whether there are more."""
    prepared = batches.prepare(result)
    yield (HEAD + _told(result) + TABLE + _heads(prepared.columns) + "<tbody>\n").encode()
    given = 0
    for batch in prepared.batches:
        texts = [pc.replace_substring(tabledata.cell(values), "&#13;", " ") for values in batch.columns]
        yield cells.rows_of(texts, "<tr><td>", "</td><td>", "</td></tr>\n")
        given += batch.num_rows
    yield f"</tbody></table>\n<p>{_ending(given, result.overflow)}</p>\n</body></html>\n".encode()


def _told(result: Rows) -> str:
    notes = "".join(f"<p>{escape(note)}</p>\n" for note in result.notes)
    epoch = "" if result.epoch is None else f"<p>Positions: ICRS, epoch J{result.epoch:g}.</p>\n"
    return f"<pre>{escape(result.adql)}</pre>\n{epoch}{notes}"


def _heads(columns: tuple[Column, ...]) -> str:
    rows = zip(*((column.name, column.unit or "", column.description) for column in columns), strict=True)
    lines = [f"<tr>{''.join(f'<th>{escape(text)}</th>' for text in row)}</tr>\n" for row in rows]
    return f"<thead>\n{''.join(lines)}</thead>\n"


def _ending(rows: int, overflow: bool) -> str:
    counted = f"{rows:,} {'row' if rows == 1 else 'rows'}."
    return (
        f"{counted} <strong>OVERFLOW: there are more rows than the limit let through.</strong>" if overflow else counted
    )
