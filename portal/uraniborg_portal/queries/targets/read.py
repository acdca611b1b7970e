"""Reads lists of targets: positions as they are, names by the resolver; what can't be read is told, nothing lost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa

from uraniborg_portal.catalogs import positions
from uraniborg_portal.catalogs.datatypes import is_string
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.engine.allowance import Stop
from uraniborg_portal.errors import BadParameter, PortalError, TooLarge
from uraniborg_portal.queries.targets.lines import ACCEPTED, Line, cut, lines_of, starts_as_number
from uraniborg_portal.queries.targets.models import DEC, NUMBER, OWN, RA, SOURCE, TARGET, Problem, TargetList
from uraniborg_portal.resolver.coordinates import Coordinates
from uraniborg_portal.resolver.resolver import Resolver
from uraniborg_portal.settings import TargetLimits

AT_ONCE = 8
"""Names that are asked for at the same time."""
NAME_COLUMNS = ("target", "name", "object", "objname", "target_name", "object_name", "main_id", "designation", "id")
"""Columns whose texts are names where a table has no positions."""
TEXTS = (
    Column(name=TARGET, datatype="unicodeChar", arraysize="*", ucd="meta.id", description="The target as it was given"),
    Column(name=SOURCE, datatype="unicodeChar", arraysize="*", ucd="meta.ref", description="Who says where it is"),
)

Place = tuple[float, float, str]
"""Right ascension and declination, degrees, ICRS; and who says so."""


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """How names of a list are looked up."""

    resolver: Resolver
    limits: TargetLimits
    stop: Stop
    """Ends it: no further name is asked for."""


def read_text(text: str, lookup: Lookup) -> TargetList:
    """Give the targets of a text with one in each line.

    Raises
    ------
    TooLarge
        It has more lines, or more names, than are read at once.
    BadParameter
        None of them is a target.
    """
    lines, problems = lines_of(text)
    check_rows(len(lines), "lines", lookup.limits)
    coordinates, found = Coordinates(), dict[int, Place]()
    names: list[Line] = []
    for line in lines:
        place = position_of(line, coordinates)
        if isinstance(place, tuple):
            found[line.number] = place
        elif place:
            problems.append(Problem(number=line.number, text=cut(line.place), why=place))
        else:
            names.append(line)
    told = resolved([line.place for line in names], lookup)
    for line in names:
        place = told[line.place]
        if isinstance(place, tuple):
            found[line.number] = place
        else:
            problems.append(Problem(number=line.number, text=cut(line.place), why=place))
    kept = [line for line in lines if line.number in found]
    check_any(kept, problems)
    own = {TARGET: [line.label for line in kept], SOURCE: [found[line.number][2] for line in kept]}
    table = pa.table({**own, **own_columns({line.number: found[line.number] for line in kept})})
    return TargetList(table=table, columns=(*TEXTS, *OWN), problems=ordered(problems))


def position_of(line: Line, coordinates: Coordinates) -> Place | str | None:
    """Give the position that a line spells, a sentence on why it spells none that is, None where it is a name."""
    try:
        found = coordinates.resolve(line.place)
    except BadParameter as error:
        return error.message
    if found and found.ra is not None and found.dec is not None:
        return found.ra, found.dec, "position"
    return f"{cut(line.place)!r} is no position. {ACCEPTED}" if line.must_be_position else None


def read_table(table: pa.Table, columns: Sequence[Column], lookup: Lookup) -> TargetList:
    """Give the targets of a table that has columns of positions or of names; its own columns stay.

    Raises
    ------
    TooLarge
        It has more rows, or more names, than are read at once.
    BadParameter
        It has no such columns, or none of its rows is a target.
    """
    check_rows(table.num_rows, "rows", lookup.limits)
    places = places_of(table, columns, lookup)
    numbers = [number for number, place in enumerate(places, 1) if isinstance(place, tuple)]
    problems = [
        Problem(number=number, text="", why=place) for number, place in enumerate(places, 1) if isinstance(place, str)
    ]
    check_any(numbers, problems)
    reserved = {NUMBER, RA, DEC}
    kept = [column for column in columns if column.name.lower() not in reserved]
    rows = table.take(pa.array([number - 1 for number in numbers], pa.int64()))
    found = {number: place for number, place in enumerate(places, 1) if isinstance(place, tuple)}
    own = {column.name: rows.column(column.name) for column in kept}
    return TargetList(table=pa.table({**own, **own_columns(found)}), columns=(*kept, *OWN), problems=ordered(problems))


def places_of(table: pa.Table, columns: Sequence[Column], lookup: Lookup) -> list[Place | str]:
    """Give where each row of a table is, or a sentence on why it is nowhere."""
    notes = {column.name: Note(unit=column.unit, ucd=column.ucd) for column in columns}
    try:
        guess = positions.guess(table, notes)
    except BadParameter:
        return named_places(table, lookup)
    degrees = positions.to_degrees(table, guess)
    right, up = (degrees.column(name).to_pylist() for name in (guess.ra, guess.dec))
    words = f"{guess.ra} and {guess.dec}"
    return [place_of(ra, dec, words) for ra, dec in zip(right, up, strict=True)]


def place_of(ra: float | None, dec: float | None, words: str) -> Place | str:
    """Give a position, or a sentence on why it is none."""
    if ra is None or dec is None or not (math.isfinite(ra) and math.isfinite(dec)):
        return f"It has no position in {words}."
    if not (-360 <= ra <= 360 and -90 <= dec <= 90):
        return f"{ra:.6g}, {dec:.6g} of {words} is not on the sky."
    return ra % 360, dec, "position"


def named_places(table: pa.Table, lookup: Lookup) -> list[Place | str]:
    """Give where the names of a table are."""
    texts = {name.lower(): name for name in table.column_names if is_string(table.column(name).type)}
    column = next((texts[name] for name in NAME_COLUMNS if name in texts), None)
    if column is None:
        shown = ", ".join(table.column_names[:30])
        if any(starts_as_number(name) for name in table.column_names):
            raise BadParameter(
                f"The first line of the file is read as the names of its columns, and looks like a target: {shown}.",
                "Add a line such as name,ra,dec before it, or paste the lines as text.",
            )
        raise BadParameter(
            f"No columns look like right ascension and declination, nor one like names; the table has: {shown}.",
            "Name them ra and dec (degrees), or name a column of names name.",
        )
    names = [" ".join((name or "").split()) for name in table.column(column).to_pylist()]
    found = resolved([name for name in names if name], lookup)
    return [found[name] if name else f"It has no {column}." for name in names]


def resolved(names: Iterable[str], lookup: Lookup) -> Mapping[str, Place | str]:
    """Give where names are, or a sentence on why a name is nowhere; each is asked for once.

    Raises
    ------
    TooLarge
        There are more than are asked for at once.
    QueryStopped
        The end was asked for.
    """
    wanted = list(dict.fromkeys(names))
    if len(wanted) > lookup.limits.names:
        raise TooLarge(
            f"The list has {len(wanted):,} names; at most {lookup.limits.names:,} are looked up at once.",
            "Give positions, or a part of the list.",
        )
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="targets") as pool:
        return dict(zip(wanted, pool.map(lambda name: one(name, lookup), wanted), strict=True))


def one(name: str, lookup: Lookup) -> Place | str:
    """Give where a name is, or why it is nowhere; QueryStopped where the end was asked for."""
    lookup.stop.check()
    try:
        found = lookup.resolver.resolve(name)
    except PortalError as error:
        near = getattr(error, "suggestions", ())
        return f"{error.message} Did you mean {' or '.join(near[:2])}?" if near else error.message
    if found.ra is None or found.dec is None:
        return f"{found.name} has a time, but no position on the sky."
    return found.ra, found.dec, found.source


def own_columns(found: Mapping[int, Place]) -> dict[str, pa.Array]:
    """Give the columns that every list has."""
    places = list(found.values())
    return {
        NUMBER: pa.array(list(found), pa.int64()),
        RA: pa.array([place[0] for place in places], pa.float64()),
        DEC: pa.array([place[1] for place in places], pa.float64()),
    }


def ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Give the problems in the order of the list."""
    return tuple(sorted(problems, key=lambda problem: problem.number))


def check_rows(count: int, what: str, limits: TargetLimits) -> None:
    """Refuse a list that is longer than one that is read."""
    if count > limits.rows:
        raise TooLarge(f"The list has {count:,} {what}; at most {limits.rows:,} are read.", "Give it in parts.")


def check_any(kept: Sequence[object], problems: Sequence[Problem]) -> None:
    """Refuse a list without any target."""
    if not kept:
        first = f" Line {problems[0].number}: {problems[0].why}" if problems else ""
        raise BadParameter(f"The list has no target.{first}", ACCEPTED, field="targets")
