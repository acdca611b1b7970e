"""VOTable documents of any serialization, with units, UCDs and the epoch of COOSYS."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from astropy.io.votable import parse
from astropy.io.votable.tree import Field, VOTableFile

from uraniborg_portal.catalogs.readers.source import Source, from_numpy
from uraniborg_portal.catalogs.statistics import Note

SUFFIXES = (".vot", ".votable", ".xml")


def read(path: Path) -> Source:
    """Read the first table of a VOTable document.

    Raises
    ------
    ValueError
        The document is not a VOTable, or has no table.
    """
    document = parse(path, verify="ignore")
    table = next(iter(document.iter_tables()), None)
    if table is None:
        raise ValueError("it has no table")
    fields = [(field.name or field.ID, field) for field in table.fields]
    values = from_numpy((name, table.array[field.ID]) for name, field in fields)
    notes = {name: _note(field) for name, field in fields}
    return replace(values, notes=notes, epoch=_epoch(document), description=str(table.description or ""))


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
