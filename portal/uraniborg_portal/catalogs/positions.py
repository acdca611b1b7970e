"""Finds the columns that say where rows are, and turns them into degrees."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.errors import BadParameter

PAIRS = (
    ("ra", "dec"),
    ("raicrs", "deicrs"),
    ("raicrs", "decicrs"),
    ("radeg", "decdeg"),
    ("radeg", "dedeg"),
    ("radegrees", "decdegrees"),
    ("raj2000", "dej2000"),
    ("raj2000", "decj2000"),
    ("ra2000", "dec2000"),
    ("alphaj2000", "deltaj2000"),
    ("rightascension", "declination"),
    ("ramean", "decmean"),
    ("meanra", "meandec"),
    ("sra", "sdec"),
    ("coordra", "coorddec"),
    ("alpha", "delta"),
    ("rahours", "decdegrees"),
    ("rahours", "dec"),
    ("rah", "dec"),
    ("ra", "de"),
    ("rad", "decd"),
)
"""Column names that mean right ascension and declination, without case and punctuation; the first pair found wins."""
HOUR_NAMES = ("rahours", "rah")
UNITS = ("deg", "hours", "rad", "sexagesimal")
"""What positions may be given in; `hours` and `sexagesimal` are hours of right ascension and degrees of declination."""
_UNIT_WORDS = {
    "deg": "deg", "degree": "deg", "degrees": "deg", "d": "deg", "angle[deg]": "deg",
    "h": "hours", "hr": "hours", "hour": "hours", "hours": "hours", "hourangle": "hours",
    "rad": "rad", "radian": "rad", "radians": "rad", "angle[rad]": "rad",
    '"h:m:s"': "sexagesimal", '"d:m:s"': "sexagesimal", "hms": "sexagesimal", "dms": "sexagesimal",
}  # fmt: skip
_SEXAGESIMAL = (
    r"^\s*(?P<sign>[+-]?)(?P<a>\d{1,3})(?:\s*[:hd\x{b0}]\s*|\s+)(?P<b>\d{1,2})(?:\s*[:m'\x{2032}]\s*|\s+)"
    r"(?P<c>\d{1,2}(?:\.\d*)?)\s*[s\"\x{2033}]?\s*$"
)
_MINUS = "\N{MINUS SIGN}"
"""What typesetters write for a hyphen."""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """Which columns are the position, and in what unit."""

    ra: str
    dec: str
    ra_unit: str
    """One of `UNITS`."""
    dec_unit: str
    why: str
    """How they were found, in words."""
    doubt: str = ""
    """What may be wrong with it; empty where nothing is."""


@dataclass(frozen=True, kw_only=True)
class Motion:
    """The columns of proper motion, mas/yr."""

    pmra: str
    pmdec: str


def guess(table: pa.Table, notes: Mapping[str, Note], ra: str | None = None, dec: str | None = None) -> Guess:
    """Find the position columns of a table and their unit.

    Parameters
    ----------
    table
        The rows; column names, types and ranges count.
    notes
        Units and UCDs, where the source gives them.
    ra, dec
        The columns that the user names, each with a unit of `UNITS` behind a colon where it is not the obvious one, as
        `coord_ra:rad`; None to search.

    Raises
    ------
    BadParameter
        There are no such columns, or nothing looks like a position.
    """
    first, second, why = _columns(table.column_names, notes, ra, dec)
    ra_unit = _unit(table, first, notes, _said_unit(ra, first), hours=True)
    dec_unit = _unit(table, second, notes, _said_unit(dec, second), hours=False)
    doubt = "" if _said_unit(ra, first) else _doubt(table, first, ra_unit, notes)
    return Guess(ra=first, dec=second, ra_unit=ra_unit, dec_unit=dec_unit, why=why, doubt=doubt)


def motion(names: list[str], notes: Mapping[str, Note]) -> Motion | None:
    """Find columns of proper motion in mas/yr; None where there are none, or their unit is another one."""
    plain = {_plain(name): name for name in reversed(names)}
    pmra = _by_ucd(names, notes, "pos.pm;pos.eq.ra") or plain.get("pmra")
    pmdec = _by_ucd(names, notes, "pos.pm;pos.eq.dec") or plain.get("pmdec") or plain.get("pmde")
    if pmra is None or pmdec is None:
        return None
    units = {(notes.get(name, Note()).unit or "").replace(" ", "") for name in (pmra, pmdec)}
    return Motion(pmra=pmra, pmdec=pmdec) if units <= {"mas/yr", "masyr-1", "mas.yr-1", "masyr**-1"} else None


def to_degrees(table: pa.Table, found: Guess) -> pa.Table:
    """Give the table with both position columns in degrees (64-bit); what can't be read becomes null."""
    for name, unit, hours in ((found.ra, found.ra_unit, True), (found.dec, found.dec_unit, False)):
        number = table.column_names.index(name)
        table = table.set_column(number, name, _CONVERSIONS[unit](table[name], hours))
    return table


def sexagesimal(values: pa.ChunkedArray, *, hours: bool) -> pa.ChunkedArray:
    """Give degrees of texts like `05:35:17.3`, `05h35m17.3s`, `-05 23 28`; null where a text is something else."""
    parts = [pc.extract_regex(chunk, _SEXAGESIMAL) for chunk in pc.replace_substring(values, _MINUS, "-").chunks]
    fields = pa.chunked_array(parts, pa.struct({name: pa.string() for name in ("sign", "a", "b", "c")}))
    a, b, c = (pc.struct_field(fields, name).cast(pa.float64()) for name in "abc")
    seconds = pc.add(pc.add(pc.multiply(a, 3600.0), pc.multiply(b, 60.0)), c)
    size = pc.divide(seconds, 240.0 if hours else 3600.0)
    valid = pc.and_(pc.less(b, 60.0), pc.less_equal(c, 60.0))
    signed = pc.if_else(pc.equal(pc.struct_field(fields, "sign"), "-"), pc.negate(size), size)
    return pc.if_else(valid, signed, pa.scalar(None, pa.float64()))


def _columns(names: list[str], notes: Mapping[str, Note], ra: str | None, dec: str | None) -> tuple[str, str, str]:
    if ra is not None and dec is not None:
        return _named(names, ra, "--ra"), _named(names, dec, "--dec"), "as you named them"
    if ra is not None or dec is not None:
        raise BadParameter("One position column is named: both or none are accepted.", "Give --ra and --dec.")
    for word in (";meta.main", ""):
        found = _by_ucd(names, notes, f"pos.eq.ra{word}"), _by_ucd(names, notes, f"pos.eq.dec{word}")
        if found[0] and found[1]:
            return found[0], found[1], "by their UCDs"
    plain = {_plain(name): name for name in reversed(names)}
    for first, second in PAIRS:
        if first in plain and second in plain:
            return plain[first], plain[second], "by their names"
    prefixed = _prefixed(plain)
    if prefixed:
        return *prefixed, "by the ends of their names"
    shown = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
    raise BadParameter(
        f"No columns look like right ascension and declination; the columns are: {shown}.",
        "Name them with --ra COLUMN --dec COLUMN.",
    )


def _prefixed(plain: Mapping[str, str]) -> tuple[str, str] | None:
    """Give a pair like `system_ra` and `system_dec`: a common beginning before a known pair."""
    for first, second in (("rightascension", "declination"), ("ra", "dec")):
        for word, name in sorted(plain.items(), key=lambda item: len(item[0])):
            other = word.removesuffix(first) + second
            if word.endswith(first) and other in plain:
                return name, plain[other]
    return None


def _named(names: list[str], wanted: str, option: str) -> str:
    column, _, unit = wanted.rpartition(":")
    spellings = (wanted, column) if unit in UNITS else (wanted,)
    for spelling in spellings:
        for name in names:
            if name == spelling or (name.lower() == spelling.lower() and spelling not in names):
                return name
    raise BadParameter(
        f"{option} {wanted!r} is not a column; the columns are: {', '.join(names[:40])}.",
        f"Give one of them, with its unit behind a colon where it is not obvious: {names[0]}:{UNITS[2]}",
        field=option.strip("-"),
    )


def _said_unit(wanted: str | None, column: str) -> str | None:
    """Give the unit that the user put behind the name of a column; None where there is none."""
    unit = (wanted or "").rpartition(":")[2]
    return unit if wanted and wanted.lower() != column.lower() and unit in UNITS else None


def _by_ucd(names: list[str], notes: Mapping[str, Note], ucd: str) -> str | None:
    for name in names:
        if (notes.get(name, Note()).ucd or "").lower() == ucd:
            return name
    return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _unit(table: pa.Table, name: str, notes: Mapping[str, Note], wanted: str | None, *, hours: bool) -> str:
    kind = table[name].type
    if datatypes.is_string(kind):
        return "sexagesimal" if _looks_sexagesimal(table[name]) else "deg"
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)):
        raise BadParameter(
            f"The position column {name!r} holds {kind}: numbers or texts like 05:35:17.3 are accepted.",
            "Name other columns with --ra and --dec.",
        )
    if wanted is not None:
        return "deg" if wanted == "sexagesimal" else wanted
    said = _UNIT_WORDS.get((notes.get(name, Note()).unit or "").strip().lower())
    if said in ("deg", "hours", "rad"):
        return said
    return "hours" if hours and _plain(name) in HOUR_NAMES else "deg"


def _looks_sexagesimal(values: pa.ChunkedArray) -> bool:
    some = values.drop_null().slice(0, 1000)
    if not len(some):
        return False
    return bool(pc.sum(pc.match_substring_regex(some, r"\d\s*[:hd\x{b0} ]\s*\d")).as_py() * 2 >= len(some))


def _doubt(table: pa.Table, name: str, unit: str, notes: Mapping[str, Note]) -> str:
    kind = table[name].type
    if unit != "deg" or notes.get(name, Note()).unit or not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        return ""
    found = pc.min_max(table[name]).as_py()
    if table.num_rows < 100 or found["max"] is None or found["max"] > 24 or found["min"] < 0:
        return ""
    return (
        f"all values of {name!r} are below 24; if they are hours or radians, say --ra {name}:hours or --ra {name}:rad"
    )


def _scaled(factor_hours: float, factor: float) -> Callable[[pa.ChunkedArray, bool], pa.ChunkedArray]:
    return lambda values, hours: pc.multiply(values.cast(pa.float64()), factor_hours if hours else factor)


def _degrees(values: pa.ChunkedArray, hours: bool) -> pa.ChunkedArray:
    if not datatypes.is_string(values.type):
        return values.cast(pa.float64())
    numbers = pc.match_substring_regex(values, r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$")
    words = pc.utf8_trim_whitespace(pc.if_else(numbers, values, pa.scalar(None, values.type)))
    return pc.utf8_ltrim(words, "+").cast(pa.float64())


_RADIAN = 57.29577951308232
_CONVERSIONS: dict[str, Callable[[pa.ChunkedArray, bool], pa.ChunkedArray]] = {
    "deg": _degrees,
    "hours": _scaled(15.0, 1.0),
    "rad": _scaled(_RADIAN, _RADIAN),
    "sexagesimal": lambda values, hours: sexagesimal(values, hours=hours),
}
