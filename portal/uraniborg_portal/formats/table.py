"""The formats that results are given in, and how TAP's RESPONSEFORMAT names them (DALI 1.1, section 3.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import arrow, csv, fits, parquet, votable


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way to write a result."""

    name: str
    """Short name, as RESPONSEFORMAT and `?format=` give it."""
    media_type: str
    """Content-Type of the answer."""
    extension: str
    """File name extension, with the dot."""
    aliases: tuple[str, ...]
    """Other values that mean this format, media types among them, in lower case without spaces."""
    write: Callable[[QueryResult], Iterator[bytes]]
    """Gives the document piece by piece."""


FORMATS = (
    Format(
        name="votable",
        media_type="application/x-votable+xml",
        extension=".vot",
        aliases=(
            "application/x-votable+xml;serialization=binary2",
            "application/xml",
            "text/xml",
            "votable/b2",
            "votable/binary2",
            "vot",
            "xml",
        ),
        write=votable.binary2,
    ),
    Format(
        name="votable/td",
        media_type="application/x-votable+xml;serialization=tabledata",
        extension=".vot",
        aliases=("votable/tabledata", "text/xml;content=x-votable", "application/x-votable+xml;serialization=td"),
        write=votable.tabledata,
    ),
    Format(
        name="csv",
        media_type="text/csv;header=present",
        extension=".csv",
        aliases=("text/csv", "text/csv;header=present;charset=utf-8", "text/csv;charset=utf-8"),
        write=csv.write,
    ),
    Format(
        name="fits",
        media_type="application/fits",
        extension=".fits",
        aliases=("image/fits", "application/x-fits"),
        write=fits.write,
    ),
    Format(
        name="parquet",
        media_type="application/vnd.apache.parquet",
        extension=".parquet",
        aliases=("application/x-parquet", "application/parquet"),
        write=parquet.write,
    ),
    Format(
        name="arrow",
        media_type="application/vnd.apache.arrow.stream",
        extension=".arrows",
        aliases=("application/vnd.apache.arrow.stream;codecs=arrow", "ipc"),
        write=arrow.write,
    ),
)
"""Every format; the first one is what a client gets that names none."""


def find(value: str) -> Format:
    """Give the format that a RESPONSEFORMAT value names: a short name or a media type, in any case.

    Raises
    ------
    BadParameter
        No format has this name.
    """
    wanted = "".join(value.lower().split())
    for known in FORMATS:
        if wanted in (known.name, known.media_type, *known.aliases):
            return known
    names = ", ".join(known.name for known in FORMATS)
    raise BadParameter(
        f"RESPONSEFORMAT={value[:80]!r} is not a format that is given here.",
        f"Accepted: {names}, or their media types.",
        field="RESPONSEFORMAT",
    )
