"""Forms as ADQL; every query that a form makes is one that the parser accepts."""

from __future__ import annotations

import pytest

from uraniborg_portal.adql.parse import parse
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.queries.form import compose
from uraniborg_portal.queries.models import Center, Filter, Form, Order

NOW = 2026.9
M42 = Center(ra=83.8187, dec=-5.3897, name="M42", source="local table OpenNGC")
BARNARD = Center(
    ra=269.452077, dec=4.693388, name="Barnard's Star", source="local table Hipparcos", pmra=-797.84, pmdec=10326.93
)
ALL = "hip, ra, dec, parallax, pmra, pmdec, vmag, bv"


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        (Form(rows=10), ["SELECT TOP 10", f"  {ALL}", "FROM hipparcos"]),
        (
            Form(columns=("VMAG", "hip", "vmag"), order=Order(column="vmag", descending=True)),
            ["SELECT TOP 1000", "  vmag, hip", "FROM hipparcos", "ORDER BY vmag DESC"],
        ),
        (
            Form(center=M42, radius=0.5, filters=(Filter(column="vmag", operator="<=", value=6),), columns=("hip",)),
            [
                "SELECT TOP 1000",
                "  hip",
                "FROM hipparcos",
                "WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(83.8187, -5.3897, 0.5))",
                "  AND vmag <= 6",
            ],
        ),
        (
            Form(
                filters=(Filter(column="bv", operator="is null"), Filter(column="hip", operator="in", value=[1, "2"])),
                columns=("hip",),
            ),
            ["SELECT TOP 1000", "  hip", "FROM hipparcos", "WHERE bv IS NULL", "  AND hip IN (1, 2)"],
        ),
        (
            Form(filters=(Filter(column="vmag", operator="BETWEEN", value=[-2, 1.5]),), columns=("hip",)),
            ["SELECT TOP 1000", "  hip", "FROM hipparcos", "WHERE vmag BETWEEN -2 AND 1.5"],
        ),
    ],
)
def test_a_form_is_this_query(hipparcos: Catalog, form: Form, lines: list[str]) -> None:
    made = compose(hipparcos, form, NOW).adql
    assert made.split("\n") == lines
    parse(made)


def test_stars_are_moved_to_the_wanted_year(hipparcos: Catalog) -> None:
    made = compose(hipparcos, Form(center=BARNARD, radius=0.01, epoch=2026.0, columns=("hip", "ra", "dec")), NOW)
    point = "ivo_epoch_prop_pos(ra, dec, 0, pmra, pmdec, 0, 1991.25, 2026.0)"
    assert made.adql.split("\n") == [
        "SELECT TOP 1000",
        f"  hip, COORD1({point}) AS ra_j2026, COORD2({point}) AS dec_j2026",
        "FROM hipparcos",
        f"WHERE 1 = CONTAINS({point}, CIRCLE(269.4462948145, 4.7679713594, 0.01))",
    ]
    assert made.notes[0] == "Barnard's Star moves: the cone is where it was at J2026."
    parse(made.adql)


def test_a_cone_around_a_moving_star_is_where_it_was_at_the_catalogs_epoch(hipparcos: Catalog) -> None:
    made = compose(hipparcos, Form(center=BARNARD, radius=0.01), NOW)
    assert "CIRCLE(269.4540226489, 4.6682878202, 0.01)" in made.adql
    assert any("Give an epoch to move the stars" in note for note in made.notes)


def test_a_cone_where_motion_does_not_matter_says_nothing_of_it(openngc: Catalog) -> None:
    assert not any("epoch" in note for note in compose(openngc, Form(center=M42, radius=1.0), NOW).notes)


@pytest.mark.parametrize(
    "value", ["NGC%' OR 1=1 --", "'; DROP TABLE x; --", "\\' OR '1'='1", 'a"b', "read_csv('/etc/passwd')"]
)
def test_text_stays_text(openngc: Catalog, value: str) -> None:
    made = compose(openngc, Form(filters=(Filter(column="name", operator="like", value=value),)), NOW).adql
    assert made.endswith("WHERE name LIKE '" + value.replace("'", "''") + "'")
    parse(made)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (Form(columns=("nope",)), "columns"),
        (Form(columns=()), "columns"),
        (Form(order=Order(column="nope")), "order"),
        (Form(radius=1.0), "target"),
        (Form(epoch=1000.0), "epoch"),
        (Form(epoch=float("nan")), "epoch"),
        (Form(filters=(Filter(column="nope", operator="="),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="like", value="x"),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="<", value=float("nan")),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="<", value="inf"),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="<", value=10**400),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="<", value=True),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="<", value="1; DROP"),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="between", value=[1]),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="in", value=[1] * 1001),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="= 1 OR", value=1),)), "filters"),
        (Form(filters=(Filter(column="vmag", operator="is null"),) * 51), "filters"),
    ],
)
def test_what_does_not_fit_the_catalog_is_refused(hipparcos: Catalog, form: Form, field: str) -> None:
    with pytest.raises(BadParameter) as refusal:
        compose(hipparcos, form, NOW)
    assert refusal.value.field == field


def test_a_catalog_without_motions_does_not_move(openngc: Catalog) -> None:
    with pytest.raises(BadParameter, match="no proper motions"):
        compose(openngc, Form(epoch=2026.0), NOW)
