"""Gravitational-wave events: times, and positions where a counterpart was seen."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from uraniborg_portal.resolver.models import Resolved
from uraniborg_portal.resolver.names import Entry, NameTable
from uraniborg_portal.resolver.sample_files import sample


def events() -> NameTable:
    """Give the source of event names."""
    return NameTable("local table of gravitational-wave events", entries)


def entries() -> Iterator[Entry]:
    """Read the sample; a name with the time of day (GW150914_095045) is found too."""
    with sample("gw_events.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            aliases = tuple(alias for alias in row["aliases"].split(";") if alias)
            long_name = f"{row['name']}_{row['time_utc'][11:19].replace(':', '')}"
            with_time = () if re.search(r"_\d{6}$", row["name"]) else (long_name,)
            yield Entry(
                resolved=resolved(row, aliases),
                names=(row["name"], *aliases, *with_time),
                shown=(row["name"], *aliases),
            )


def resolved(row: dict[str, str], aliases: tuple[str, ...]) -> Resolved:
    """Give what a row resolves to."""
    return Resolved(
        name=row["name"],
        aliases=aliases,
        kind="event",
        ra=float(row["ra"]) if row["ra"] else None,
        dec=float(row["dec"]) if row["dec"] else None,
        time_gps=float(row["time_gps"]),
        time_utc=row["time_utc"],
        source=f"local table of gravitational-wave events ({row['source']})",
    )
