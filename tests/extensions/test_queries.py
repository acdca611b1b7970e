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


def test_another_service_answers_through_the_portal(asking_portal: Portal, portal_url: str) -> None:
    adql = "SELECT TOP 5 hip, ra, dec, vmag FROM hipparcos ORDER BY vmag"
    rows = ub.query(adql, service="far")
    assert (rows["hip"][0], rows["vmag"].unit, rows["ra"].meta["ucd"]) == (32349, "mag", "pos.eq.ra;meta.main")
    assert rows.meta["notes"] == (f"From far ({portal_url}tap).",)
    assert list(ub.query(adql, service=f"{portal_url}tap")["hip"]) == list(rows["hip"])
    with pytest.raises(ub.UraniborgError, match=r"far answers: .*nothing"):
        ub.query("SELECT nothing FROM hipparcos", service="far")
    with pytest.raises(ub.UraniborgError, match="may not be asked"):
        ub.query(adql, service="http://169.254.169.254/tap")
    with pytest.raises(ub.UraniborgError, match="no tables of yours"):
        ub.query(adql, service="far", uploads={"mine": rows})


MATCH = (
    "SELECT t.*, h.hip, IN_UNIT(DISTANCE(t.target_ra, t.target_dec, h.ra, h.dec), 'arcsec') AS away "
    "FROM TAP_UPLOAD.targets AS t JOIN hipparcos AS h ON DISTANCE(t.target_ra, t.target_dec, h.ra, h.dec) < 0.01 "
    "ORDER BY t.target_number"
)


def test_a_list_of_targets_is_matched(portal: Portal) -> None:
    with pytest.warns(UserWarning, match=r"1 left out, by line or row: 3 'Betelgeux': .*Betelgeuse"):
        targets = ub.targets("Sirius\nmine, 279.2341, 38.783\nBetelgeux")
    assert list(targets["target"]) == ["Sirius", "mine"]
    found = ub.query(MATCH, uploads={"targets": targets})
    assert list(found["hip"]) == [32349, 91262]
    assert found["away"].unit == "arcsec"
    assert list(ub.result(found.meta["query_id"])["hip"]) == [32349, 91262]


def test_a_table_of_the_user_s_goes_with_a_query(portal: Portal) -> None:
    table = Table({"ra": [101.2885, 10.0], "dec": [-16.713, 1.0], "flux": [1.5, 2.5], "name": ["a", "é"]})
    table["flux"].unit = "mJy"
    found = ub.query("SELECT * FROM TAP_UPLOAD.mine ORDER BY flux DESC", uploads={"mine": table})
    assert (list(found["name"]), list(found["flux"]), found["flux"].unit) == (["é", "a"], [2.5, 1.5], "mJy")
    targets = ub.targets(table)
    assert list(ub.query(MATCH, uploads={"targets": targets})["hip"]) == [32349]
    bright = ub.query("SELECT TOP 3 * FROM hipparcos ORDER BY vmag")
    again = ub.query("SELECT b.* FROM TAP_UPLOAD.b AS b ORDER BY vmag", uploads={"b": bright})
    assert again.colnames == bright.colnames and again["ra"].meta["ucd"] == bright["ra"].meta["ucd"]
    with pytest.raises(ub.UraniborgError, match="There is no result"):
        ub.result("0" * 32)


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
