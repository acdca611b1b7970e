"""A filled form as ADQL; pure."""

from __future__ import annotations

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.engine.motion import motion_note
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries import motion
from uraniborg_portal.queries.conditions import column_of, condition
from uraniborg_portal.queries.models import Composed, Form

MOST_FILTERS = 50


def compose(catalog: Catalog, form: Form, now: float) -> Composed:
    """Give the ADQL 2.1 query of a form; `now`, a Julian year, is for the notes.

    Raises
    ------
    BadParameter
        Something in the form does not fit the catalog; `field` names it.
    """
    check(catalog, form)
    lines = [f"SELECT TOP {form.rows}", f"  {', '.join(selected(catalog, form))}", f"FROM {delimited(catalog.name)}"]
    conditions = [*cone(catalog, form), *(condition(catalog, wanted) for wanted in form.filters)]
    lines += [f"{'WHERE' if not index else '  AND'} {text}" for index, text in enumerate(conditions)]
    if form.order:
        name = column_of(catalog, form.order.column, "order").name
        lines.append(f"ORDER BY {delimited(name)}{' DESC' if form.order.descending else ''}")
    return Composed(adql="\n".join(lines), notes=notes(catalog, form, now), center=form.center)


def check(catalog: Catalog, form: Form) -> None:
    """Let pass a form whose parts fit together."""
    if form.epoch is not None:
        motion.check_epoch(catalog, form.epoch)
    if form.radius is not None and form.center is None:
        raise BadParameter("A radius needs a target: a name or coordinates.", field="target")
    if len(form.filters) > MOST_FILTERS:
        raise BadParameter(f"A form has at most {MOST_FILTERS} filters.", field="filters")


def selected(catalog: Catalog, form: Form) -> list[str]:
    """Give the columns to select; where stars are moved, their new positions in place of the old ones."""
    names = chosen(catalog, form)
    where = catalog.position
    if form.epoch is None:
        return [delimited(name) for name in names]
    point, ending = motion.moved_point(catalog, form.epoch), motion.suffix(form.epoch)
    new = {where.ra: f"COORD1({point}) AS ra{ending}", where.dec: f"COORD2({point}) AS dec{ending}"}
    return [new.get(name, delimited(name)) for name in names]


def chosen(catalog: Catalog, form: Form) -> list[str]:
    """Give the names of the wanted columns, each once; the principal ones (or all) where none are named."""
    if form.columns is None:
        principal = [column.name for column in catalog.columns if column.principal]
        return principal or [column.name for column in catalog.columns]
    if not form.columns:
        raise BadParameter("At least one column is needed.", field="columns")
    return list(dict.fromkeys(column_of(catalog, name, "columns").name for name in form.columns))


def cone(catalog: Catalog, form: Form) -> list[str]:
    """Give the condition that a row lies in the cone (ADQL 2.1, section 4.2.9), none without a target."""
    if form.center is None or form.radius is None:
        return []
    where = catalog.position
    target = motion.center_at(form.center, form.epoch if form.epoch is not None else where.epoch)
    circle = ", ".join(f"{number:.10f}".rstrip("0").rstrip(".") for number in (*target, form.radius))
    point = f"POINT({delimited(where.ra)}, {delimited(where.dec)})"
    if form.epoch is not None:
        point = motion.moved_point(catalog, form.epoch)
    return [f"1 = CONTAINS({point}, CIRCLE({circle}))"]


def notes(catalog: Catalog, form: Form, now: float) -> tuple[str, ...]:
    """Give the sentences that a reader of the result should see."""
    found: list[str] = []
    if form.center and form.radius is not None:
        if form.epoch is None:
            found += motion_note(catalog, form.radius, now)
        if form.center.pmra is not None and catalog.position.epoch is not None:
            epoch = form.epoch if form.epoch is not None else catalog.position.epoch
            found.append(f"{form.center.name} moves: the cone is where it was at J{epoch:g}.")
    if form.epoch is not None:
        found.append(f"Positions are moved from J{catalog.position.epoch:g} to J{form.epoch:g} by the proper motions.")
    if catalog.rows_without_position and form.center:
        found.append(f"{catalog.rows_without_position} rows of {catalog.title} have no position and are not searched.")
    return tuple(found)
