"""The formats that results are given in, and how TAP's RESPONSEFORMAT names them (DALI 1.1, section 3.4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from uraniborg_portal.engine.models import Rows
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import arrow, csv, fits, html, json, parquet, tsv, votable


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
    write: Callable[[Rows], Iterator[bytes]]
    """Gives the document piece by piece, as the rows come; what ends them early is raised after what could be given."""
    says_errors: bool = False
    """Whether a document whose rows ended early is whole and says so; of the others a part is given."""
    compressed: bool = False
    """Whether it is compressed already."""


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
        says_errors=True,
    ),
    Format(
        name="votable/td",
        media_type="application/x-votable+xml;serialization=tabledata",
        extension=".vot",
        aliases=("votable/tabledata", "text/xml;content=x-votable", "application/x-votable+xml;serialization=td"),
        write=votable.tabledata,
        says_errors=True,
    ),
    Format(
        name="votable/b",
        media_type="application/x-votable+xml;serialization=binary",
        extension=".vot",
        aliases=("votable/binary", "application/x-votable+xml;serialization=b"),
        write=votable.binary,
        says_errors=True,
    ),
    Format(
        name="csv",
        media_type="text/csv;header=present",
        extension=".csv",
        aliases=("text/csv", "text/csv;header=present;charset=utf-8", "text/csv;charset=utf-8"),
        write=csv.write,
    ),
    Format(
        name="tsv",
        media_type="text/tab-separated-values",
        extension=".tsv",
        aliases=("text/tab-separated-values;charset=utf-8",),
        write=tsv.write,
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
        # With VOParquet's metadata always: who wants plain Parquet does not see them.
        aliases=("voparquet", "application/x-parquet", "application/parquet"),
        write=parquet.write,
        compressed=True,
    ),
    Format(
        name="arrow",
        media_type="application/vnd.apache.arrow.stream",
        extension=".arrows",
        aliases=("application/vnd.apache.arrow.stream;codecs=arrow", "ipc"),
        write=arrow.write,
    ),
    Format(
        name="json",
        media_type="application/json",
        extension=".json",
        aliases=("application/json;charset=utf-8",),
        write=json.write,
    ),
    Format(
        name="html",
        media_type="text/html;charset=utf-8",
        extension=".html",
        aliases=("text/html",),
        write=html.write,
    ),
)
"""Every format; the first one is what a client gets that names none."""


def media_types() -> tuple[str, ...]:
    """Give the media types of all formats, those of the first one first."""
    names = (name for known in FORMATS for name in (known.media_type, *known.aliases))
    return tuple(name for name in names if "/" in name and not name.startswith("votable/"))


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
