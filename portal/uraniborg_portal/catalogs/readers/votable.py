"""VOTable documents of any serialization, with units, UCDs and the epoch of COOSYS."""

from __future__ import annotations

import mmap
import re
from dataclasses import replace
from pathlib import Path

from astropy.io.votable import parse
from astropy.io.votable.tree import Field, VOTableFile

from uraniborg_portal.catalogs.readers.source import Source, from_numpy
from uraniborg_portal.catalogs.statistics import Note

ELSEWHERE = re.compile(rb"<(?:\w+:)?STREAM\b[^>]*\bhref\s*=", re.IGNORECASE)
SUFFIXES = (".vot", ".votable", ".xml")
STARTS = (b"<?xml", b"<VOTABLE", b"<!--", b"\xef\xbb\xbf<", b"\xff\xfe<", b"\xfe\xff\0<")
"""First bytes, white space left aside: in UTF-8, and in UTF-16 with its mark."""


def read(path: Path) -> Source:
    """Read the first table of a VOTable document.

    Raises
    ------
    ValueError
        The document is not a VOTable, or has no table.
    """
    check_whole(path)
    document = parse(path, verify="ignore")
    table = next(iter(document.iter_tables()), None)
    if table is None:
        raise ValueError("it has no table")
    fields = [(field.name or field.ID, field) for field in table.fields]
    if table.nrows not in (None, 0, len(table.array)):
        raise ValueError(f"it has {len(table.array)} rows of the {table.nrows} that it names")
    values = from_numpy((name, table.array[field.ID]) for name, field in fields)
    notes = {name: _note(field) for name, field in fields}
    return replace(values, notes=notes, epoch=_epoch(document), description=str(table.description or ""))


def check_whole(path: Path) -> None:
    """Let pass a document that has its data in itself: others would have us read files, or ask hosts, that they name.

    Raises
    ------
    ValueError
        A STREAM has `href`.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if ELSEWHERE.search(content):
            raise ValueError("its data are elsewhere (STREAM with href)")


def _note(field: Field) -> Note:
    return Note(
        unit=str(field.unit) if field.unit is not None else None,
        ucd=field.ucd,
        xtype=field.xtype,
        description=str(field.description or ""),
    )


def _epoch(document: VOTableFile) -> float | None:
    for system in document.iter_coosys():
        found = re.fullmatch(r"J?(\d{4}(?:\.\d+)?)", system.epoch or "")
        if found:
            return float(found[1])
    return None
