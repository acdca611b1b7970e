"""NGC, IC and Messier objects, with their common names: the sample of OpenNGC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyarrow.parquet as pq

from uraniborg_portal.resolver.designation import spaced
from uraniborg_portal.resolver.models import Resolved
from uraniborg_portal.resolver.names import Entry, NameTable
from uraniborg_portal.resolver.sample_files import sample

SOURCE = "local table OpenNGC"
COLUMNS = ["name", "type", "ra", "dec", "messier", "common_names", "identifiers"]
KINDS = (
    ("galax", "galaxy"),
    ("nebula", "nebula"),
    ("HII", "nebula"),
    ("supernova remnant", "nebula"),
    ("cluster", "cluster"),
    ("association", "cluster"),
    ("star", "star"),
)
"""The first word found in OpenNGC's type says the kind."""
GENERIC = re.compile(r"\b(galaxy|nebula|cluster|the)\b", re.IGNORECASE)
NOT_THERE = frozenset({"duplicated record", "nonexistent object"})


def deep_sky() -> NameTable:
    """Give the source of deep-sky names."""
    return NameTable(SOURCE, entries)


def entries() -> Iterator[Entry]:
    """Read the sample: objects first, duplicated records after them, short names last of all."""
    rows = [
        row for row in pq.read_table(sample("openngc.parquet"), columns=COLUMNS).to_pylist() if row["ra"] is not None
    ]
    rows.sort(key=lambda row: row["type"] in NOT_THERE)
    yield from map(entry, rows)
    for row in rows:
        short = tuple(GENERIC.sub("", name).strip() for name in listed(row["common_names"]))
        yield Entry(resolved=resolved(row), names=tuple(name for name in short if len(name) > 3))


def entry(row: dict[str, Any]) -> Entry:
    """Give the object of a row with every name that the row holds."""
    common, messier = listed(row["common_names"]), messier_name(row)
    names = (row["name"], *messier, *common, *listed(row["identifiers"]))
    return Entry(resolved=resolved(row), names=names, shown=(*messier, spaced(row["name"]), *common))


def resolved(row: dict[str, Any]) -> Resolved:
    """Give what a row resolves to: the Messier name where there is one."""
    names = (*messier_name(row), spaced(row["name"]), *listed(row["common_names"]))
    unique = tuple(dict.fromkeys(names))
    return Resolved(
        name=unique[0], aliases=unique[1:], kind=kind(row["type"]), ra=row["ra"], dec=row["dec"], source=SOURCE
    )


def kind(words: str) -> str:
    """Give the kind of object that OpenNGC's words mean."""
    return next((name for word, name in KINDS if word in words), "object")


def messier_name(row: dict[str, Any]) -> tuple[str, ...]:
    """Give the Messier name of a row, if it has one; a duplicated record has its own."""
    return (f"M{row['messier']}",) if row["messier"] and row["type"] not in NOT_THERE else ()


def listed(text: str | None) -> list[str]:
    """Give the names of a list with commas."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
