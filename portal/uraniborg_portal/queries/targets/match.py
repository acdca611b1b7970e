"""A list of targets and a catalog as one ADQL query; pure.

The nearest row of each target is found in two steps, as ADQL has no window functions: the least distance of each, and
the rows that have it. Both join by position, which the engine does without trying every pair.
"""

from __future__ import annotations

from dataclasses import replace

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Catalog, Column
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries import motion
from uraniborg_portal.queries.conditions import column_of, condition
from uraniborg_portal.queries.form import chosen
from uraniborg_portal.queries.models import Composed, Form
from uraniborg_portal.queries.targets.models import DEC, NUMBER, RA, UPLOAD, Match

DISTANCE = "match_distance"
FAST = 1 / 60
"""Below this radius, degrees, the motion of stars since the epoch of a catalog may matter."""


def compose(catalog: Catalog, form: Form, match: Match) -> Composed:
    """Give the ADQL 2.1 query that finds a list's targets in a catalog.

    Raises
    ------
    BadParameter
        Something in the form does not fit the catalog; `field` names it.
    """
    if form.radius is None:
        raise BadParameter("A list of targets needs a radius.", field="radius")
    if form.epoch is not None:
        motion.check_epoch(catalog, form.epoch)
    away = distance(catalog, form)
    within = " AND ".join([f"{away} < {number(form.radius)}", *filters(catalog, form)])
    table = f"{delimited(catalog.name)} AS c"
    lines = nearest(table, away, within) if match.nearest else []
    lines += [f"SELECT TOP {form.rows}", f"  {', '.join(selected(catalog, form, match, away))}"]
    lines += sources(table, away, within, match)
    lines.append(f"ORDER BY {order(catalog, form)}")
    return Composed(adql="\n".join(lines), notes=notes(catalog, form), uploads={UPLOAD: match.list})


def nearest(table: str, away: str, within: str) -> list[str]:
    """Give the table of the least distance of each target."""
    return [
        f"WITH nearest AS (\n  SELECT t.{NUMBER}, MIN({away}) AS away",
        f"  FROM TAP_UPLOAD.{UPLOAD} AS t JOIN {table}\n    ON {within}\n  GROUP BY t.{NUMBER})",
    ]


def sources(table: str, away: str, within: str, match: Match) -> list[str]:
    """Give the tables with what joins them."""
    join = "LEFT OUTER JOIN" if match.keep_all else "JOIN"
    start = f"FROM TAP_UPLOAD.{UPLOAD} AS t"
    if not match.nearest:
        return [start, f"{join} {table}\n  ON {within}"]
    least = f"{join} nearest AS n ON n.{NUMBER} = t.{NUMBER}"
    if match.keep_all:
        return [start, least, f"{join} {table}\n  ON {within} AND {away} <= n.away"]
    return [start, f"{join} {table}\n  ON {within}", f"{least} AND {away} <= n.away"]


def distance(catalog: Catalog, form: Form) -> str:
    """Give the ADQL of how far a row is from a target, degrees."""
    where = catalog.position
    point = f"POINT(c.{delimited(where.ra)}, c.{delimited(where.dec)})"
    if form.epoch is not None:
        point = motion.moved_point(catalog, form.epoch, "c")
    return f"DISTANCE(POINT(t.{RA}, t.{DEC}), {point})"


def number(value: float) -> str:
    """Give degrees with as many digits as an arc on the sky needs."""
    return f"{value:.10f}".rstrip("0").rstrip(".")


def filters(catalog: Catalog, form: Form) -> list[str]:
    """Give the form's conditions on rows of the catalog."""
    return [condition(catalog, wanted, "c") for wanted in form.filters]


def order(catalog: Catalog, form: Form) -> str:
    """Give what the rows are ordered by: the list's order, unless the form says otherwise."""
    if not form.order:
        return f"t.{NUMBER}, {DISTANCE}"
    name = column_of(catalog, form.order.column, "order").name
    return f"c.{delimited(name)}{' DESC' if form.order.descending else ''}"


def selected(catalog: Catalog, form: Form, match: Match, away: str) -> list[str]:
    """Give what is selected: the list's columns, the distance, the catalog's columns."""
    names = chosen(catalog, form)
    taken = {name.lower() for name in names} | {DISTANCE, NUMBER, RA, DEC}
    own = [own_column(column, taken) for column in match.columns]
    return [*own, f"IN_UNIT({away}, 'arcsec') AS {DISTANCE}", *catalog_columns(catalog, form, names)]


def own_column(column: Column, taken: set[str]) -> str:
    """Give a column of the list, by another name where the catalog has its name: `given_ra`."""
    name, plain = column.name, f"t.{delimited(column.name)}"
    if name in (NUMBER, RA, DEC):
        return plain
    while name.lower() in taken:
        name = f"given_{name}"
    taken.add(name.lower())
    return plain if name == column.name else f"{plain} AS {delimited(name)}"


def catalog_columns(catalog: Catalog, form: Form, names: list[str]) -> list[str]:
    """Give the catalog's columns; where stars are moved, their new positions in place of the old ones."""
    where = catalog.position
    plain = {name: f"c.{delimited(name)}" for name in names}
    if form.epoch is not None:
        point, ending = motion.moved_point(catalog, form.epoch, "c"), motion.suffix(form.epoch)
        moved = {where.ra: f"COORD1({point}) AS ra{ending}", where.dec: f"COORD2({point}) AS dec{ending}"}
        plain |= {name: text for name, text in moved.items() if name in plain}
    return list(plain.values())


def notes(catalog: Catalog, form: Form) -> tuple[str, ...]:
    """Give the sentences that a reader of the result should see."""
    epoch, moves = catalog.position.epoch, catalog.position.pmra is not None
    found = []
    if form.epoch is not None:
        found.append(f"Positions are moved from J{epoch:g} to J{form.epoch:g} by the proper motions.")
    elif epoch is not None and moves and form.radius is not None and form.radius < FAST:
        found.append(
            f"Positions in {catalog.name} are of J{epoch:g}: stars that move fast may be too far from targets of "
            "another year. Move the stars to the year of the targets (2000 for names)."
        )
    if catalog.rows_without_position:
        found.append(f"{catalog.rows_without_position} rows of {catalog.title} have no position and are not searched.")
    return tuple(found)


def without_main(column: Column) -> Column:
    """Give a column of a list as one that is not the main position of a result."""
    return replace(column, ucd=column.ucd.replace(";meta.main", "") if column.ucd else None)
