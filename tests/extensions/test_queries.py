"""Queries of a live portal with the real samples."""

from __future__ import annotations

import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table

import uraniborg as ub
from uraniborg._portal import Portal


def test_rows_units_and_frame(portal: Portal) -> None:
    rows = ub.query("SELECT hip, ra, dec, parallax, bv FROM hipparcos WHERE hip = 87937")
    assert isinstance(rows, Table)
    assert rows["hip"][0] == 87937
    assert rows["parallax"].unit == "mas"
    assert "parallax" in rows["parallax"].description.lower()
    assert rows.meta["coosys"] == {"system": "ICRS", "epoch": "J1991.25"}
    assert rows.to_pandas().shape == (1, 5)
    assert rows.to_arrow().num_rows == 1


def test_barnards_star_moves(portal: Portal) -> None:
    rows = ub.query("SELECT hip, ra, dec, pmra, pmdec FROM hipparcos WHERE hip = 87937")
    moved = rows.coordinates_at(2026.0)[0]
    assert rows.coordinates[0].separation(moved).arcmin == pytest.approx(6.0, abs=0.05)


def test_nearby_stars(portal: Portal) -> None:
    rows = ub.query("SELECT hip, parallax FROM hipparcos WHERE parallax >= 20")
    assert 2_000 < len(rows) < 10_000
    assert rows["parallax"].min() >= 20


@pytest.mark.parametrize("target", ["M45", "56.75 24.12", SkyCoord(56.75, 24.12, unit="deg")])
def test_cone_by_name_and_coordinates(portal: Portal, target: object) -> None:
    rows = ub.cone(target, radius="2 deg", catalog="hipparcos")
    center = SkyCoord(56.75, 24.12, unit="deg")
    assert len(rows) > 40
    assert rows.coordinates.separation(center).deg.max() < 2.2


def test_more_rows_than_the_limit_is_a_warning(portal: Portal) -> None:
    with pytest.warns(UserWarning, match="More rows exist than the 3 given"):
        rows = ub.query("SELECT hip FROM hipparcos", rows=3)
    assert len(rows) == 3
    assert rows.meta["overflow"]


@pytest.mark.parametrize(
    ("adql", "words"),
    [
        ("SELECT magg FROM hipparcos", "magg"),
        ("SELECT * FROM hiparcos", "hiparcos"),
        ("COPY hipparcos TO '/tmp/x'", ""),
        ("SELECT", ""),
        ("", ""),
    ],
)
def test_refusals_are_sentences(portal: Portal, adql: str, words: str) -> None:
    with pytest.raises(ub.UraniborgError) as raised:
        ub.query(adql)
    assert words in raised.value.message
    assert raised.value.code in {"query_refused", "bad_parameter", "not_found"}
