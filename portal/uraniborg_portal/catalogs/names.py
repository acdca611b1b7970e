"""Which names a catalog may have: ADQL table names that need no quotes."""

from __future__ import annotations

import re

from uraniborg_portal.catalogs import layout
from uraniborg_portal.errors import BadParameter

_SHAPE = re.compile(r"[a-z][a-z0-9_]{0,62}")
SCHEMAS = frozenset({"tap_schema", "tap_upload", "tables", "columns", "keys", "key_columns", "schemas"})
"""Names that TAP 1.1 gives to its own schemas and tables."""
FILES = frozenset({layout.APPLIED, layout.IDENTIFIERS, layout.REJECTED})
"""Names of our own files in a version's folder, in which the folder of the rows has the catalog's name."""
_WORDS = """
    absolute action add all allocate alter and any are as asc assertion at authorization avg begin between bit
    bit_length both by cascade cascaded case cast catalog char char_length character character_length check close
    coalesce collate collation column commit connect connection constraint constraints continue convert corresponding
    count create cross current current_date current_time current_timestamp current_user cursor date day deallocate
    decimal declare default deferrable deferred delete desc describe descriptor diagnostics disconnect distinct domain
    double drop else end end-exec escape except exception exec execute exists external extract false fetch first float
    for foreign found from full get global go goto grant group having hour identity ilike immediate in in_unit
    indicator initially inner input insensitive insert int integer intersect interval into is isolation join key
    language last leading left level like local lower match max min minute module month names national natural nchar
    next no not null nullif numeric octet_length of offset on only open option or order outer output overlaps pad
    partial position precision prepare preserve primary prior privileges procedure public read real references relative
    restrict revoke right rollback rows schema scroll second section select session session_user set size smallint some
    space sql sqlcode sqlerror sqlstate substring sum system_user table temporary then time timestamp timezone_hour
    timezone_minute to trailing transaction translate translation trim true union unique unknown update upper usage
    user using value values varchar varying view when whenever where with work write year zone
    abs acos area asin atan atan2 bigint bit_and bit_not bit_or bit_xor box ceiling centroid circle contains coord1
    coord2 coordsys cos cot degrees distance exp floor intersects log log10 mod pi point polygon power radians rand
    region round sign sin sqrt tan top truncate
"""
RESERVED = frozenset(_WORDS.split())
"""Reserved words of ADQL 2.1, appendix A: SQL92 and ADQL's own."""


def could_be(name: str) -> bool:
    """Tell whether a text has the shape of a catalog's name, so that a folder may be looked for."""
    return _SHAPE.fullmatch(name) is not None


def check(name: str) -> str:
    """Give the name back where a catalog may have it.

    Raises
    ------
    BadParameter
        The name has other characters, or means something else in ADQL or TAP.
    """
    if not could_be(name):
        near = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_")[:63]
        remedy = f"For example: {near}" if could_be(near) and near not in RESERVED | SCHEMAS else ""
        raise BadParameter(
            f"{name[:80]!r} can't be a catalog's name: a lower case letter, then lower case letters, digits and "
            "underscores, 63 at most, are accepted.",
            remedy,
            field="name",
        )
    if name in RESERVED:
        raise BadParameter(
            f"{name!r} can't be a catalog's name: it is a reserved word of ADQL.", "Choose another name.", field="name"
        )
    if name in SCHEMAS:
        raise BadParameter(
            f"{name!r} can't be a catalog's name: TAP uses it for its own tables.", "Choose another name.", field="name"
        )
    if name in FILES:
        raise BadParameter(
            f"{name!r} can't be a catalog's name: the portal keeps a file of that name beside its rows.",
            "Choose another name.",
            field="name",
        )
    return name
