"""Lists of targets over HTTP: read, kept, matched, in the background as well, and what is wrong is told."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.table import Table
from starlette.testclient import TestClient

BINARY = {"Content-Type": "application/octet-stream"}
LIST = "Sirius\nVega\n\n101.287 -16.716\nnowhere, 10, 1\nBetelgeux\nM31, far away\nmine, 18:36:56.3 +38:47:01\n"


def post(portal: TestClient, path: str, status: int = 201, **content: object) -> dict[str, Any]:
    """The answer to JSON."""
    answer = portal.post(f"api/{path}", json=content)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def table_of(portal: TestClient, identifier: str) -> Table:
    """A kept table as astropy has it."""
    answer = portal.get(f"api/queries/{identifier}/file", params={"format": "votable"})
    return Table.read(io.BytesIO(answer.content), format="votable")


def matched(portal: TestClient, targets: dict[str, Any], **form: object) -> tuple[dict[str, Any], Table]:
    """The description and the rows of a match."""
    match = {"id": targets["id"], "nearest": form.pop("nearest", True), "keep_all": form.pop("keep_all", False)}
    asked = {"catalog": "hipparcos", "radius": "1 arcmin", "rows": 100_000, "targets": match, **form}
    made = post(portal, "queries/form", 200, **asked)
    result = post(portal, "queries", adql=made["adql"], uploads=made["uploads"])
    return result, table_of(portal, result["id"])


def test_a_pasted_list_is_read_and_what_is_wrong_is_told_by_its_line(portal: TestClient) -> None:
    made = post(portal, "targets", text=LIST)
    assert (made["rows"], made["left_out"], made["adql"]) == (5, 2, "")
    assert f'ub.result("{made["id"]}")' in made["python"]
    page = portal.get(f"queries/{made['id']}", headers={"Accept": "text/html"})
    assert "<h1>Table, 5 rows</h1>" in page.text
    assert made["position"] == {"ra": "target_ra", "dec": "target_dec"}
    assert [(each["number"], each["text"]) for each in made["problems"]] == [(6, "Betelgeux"), (7, "far away")]
    assert "Did you mean Betelgeuse" in made["problems"][0]["why"]
    assert "is no position" in made["problems"][1]["why"]
    table = table_of(portal, made["id"])
    assert list(table["target"]) == ["Sirius", "Vega", "101.287 -16.716", "nowhere", "mine"]
    assert list(table["target_number"]) == [1, 2, 4, 5, 8]
    assert table["target_ra"].unit == "deg"
    assert list(table["target_source"])[2:] == ["position"] * 3


def test_longitudes_west_of_zero_are_read(portal: TestClient) -> None:
    made = post(portal, "targets", text="-1.5 2\n-180, 0\nwest, -90.5, 10\n360 1\n-180.5 1\n361 1")
    assert [(each["number"], each["why"]) for each in made["problems"]] == [
        (5, "The longitude -180.5 is outside of -180 to 360 degrees."),
        (6, "The longitude 361 is outside of -180 to 360 degrees."),
    ]
    assert list(table_of(portal, made["id"])["target_ra"]) == [358.5, 180, 269.5, 0]


def test_a_file_without_a_line_of_names_loses_no_target(portal: TestClient) -> None:
    kept = portal.post("api/tables", content=b"10.68,41.27\n83.8,-5.4\n", headers=BINARY).json()
    refused = post(portal, "targets", 400, table=kept["id"])
    assert "looks like a target: 10.68, 41.27" in refused["message"]
    assert "name,ra,dec" in refused["remedy"]


def test_each_target_has_its_nearest_star_with_the_distance(portal: TestClient) -> None:
    targets = post(portal, "targets", text=LIST)
    described, table = matched(portal, targets)
    assert list(table["target"]) == ["Sirius", "Vega", "101.287 -16.716", "mine"]
    assert list(table["hip"]) == [32349, 91262, 32349, 91262]
    assert table["match_distance"].unit == "arcsec"
    here = SkyCoord(table["target_ra"], table["target_dec"])
    there = SkyCoord(table["ra"], table["dec"])
    assert np.allclose(here.separation(there).arcsec, table["match_distance"], atol=1e-6)
    assert described["position"] == {"ra": "ra", "dec": "dec"}
    assert described["uploads"] == [{"name": "targets", "id": targets["id"], "text": LIST}]
    assert 'targets = ub.targets("""Sirius' in described["python"]
    assert 'uploads={"targets": targets})' in described["python"]
    _, whole = matched(portal, targets, keep_all=True, filters=[{"column": "vmag", "operator": "<", "value": 0}])
    assert list(whole["target"]) == ["Sirius", "Vega", "101.287 -16.716", "nowhere", "mine"]
    assert list(whole["hip"].mask) == [False, True, False, True, True]


def test_all_within_the_radius_is_what_astropy_finds(portal: TestClient) -> None:
    rng = np.random.default_rng(7)
    places = SkyCoord(rng.uniform(0, 360, 300), np.degrees(np.arcsin(rng.uniform(-1, 1, 300))), unit="deg")
    text = "\n".join(f"{place.ra.deg:.8f} {place.dec.deg:+.8f}" for place in places)
    targets = post(portal, "targets", text=text)
    sky = post(portal, "queries", adql="SELECT hip, ra, dec FROM hipparcos", rows=200_000)
    stars = Table.read(
        io.BytesIO(portal.get(f"api/queries/{sky['id']}/file", params={"format": "votable"}).content), format="votable"
    )
    there = SkyCoord(stars["ra"], stars["dec"])
    for radius in (0.5, 2.0):
        number, star, _, _ = there.search_around_sky(places, radius * places[0].ra.unit)
        expected = sorted(zip((number + 1).tolist(), stars["hip"][star].tolist(), strict=True))
        _, table = matched(portal, targets, radius=f"{radius} deg", nearest=False)
        assert sorted(zip(table["target_number"].tolist(), table["hip"].tolist(), strict=True)) == expected
        _, nearest = matched(portal, targets, radius=f"{radius} deg", keep_all=True)
        index, separation, _ = places.match_to_catalog_sky(there)
        near = separation.deg < radius
        assert len(nearest) == 300
        assert nearest["hip"][near].tolist() == stars["hip"][index[near]].tolist()
        assert nearest["hip"].mask.tolist() == (~near).tolist()


def test_moved_stars_are_matched_where_they_are(portal: TestClient) -> None:
    targets = post(portal, "targets", text="Barnard's star")
    _, still = matched(portal, targets, radius="5 arcsec")
    described, moved = matched(portal, targets, radius="5 arcsec", epoch=2000.0)
    assert (len(still), len(moved)) == (0, 1)
    assert moved["match_distance"][0] < 1
    assert described["position"] == {"ra": "ra_j2000", "dec": "dec_j2000"}


@pytest.mark.parametrize("kind", ["votable", "fits", "ascii.csv", "ascii.ecsv", "parquet"])
def test_a_file_brings_its_own_columns(portal: TestClient, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mine"
    table = Table(
        {"hip": [7, 8, 9], "flux": [1.5, 2.5, 3.5], "ra": [279.2341, np.nan, 101.2885], "dec": [38.783, 1, -16.713]}
    )
    table["flux"].unit = "mJy"
    table.write(path, format=kind)
    kept = portal.post("api/tables", content=path.read_bytes(), headers=BINARY)
    assert kept.status_code == 201, kept.text
    targets = post(portal, "targets", table=kept.json()["id"])
    assert [(each["number"], each["why"]) for each in targets["problems"]] == [(2, "It has no position in ra and dec.")]
    described, found = matched(portal, targets)
    assert list(found["given_hip"]) == [7, 9] and list(found["hip"]) == [91262, 32349]
    assert list(found["flux"]) == [1.5, 3.5] and list(found["target_ra"]) == list(found["given_ra"])
    if kind not in ("ascii.csv", "parquet"):
        assert found["flux"].unit == "mJy"
    assert described["position"] == {"ra": "ra", "dec": "dec"}
    assert f'targets = ub.result("{targets["id"]}")' in described["python"]


def test_a_table_of_names_is_looked_up(portal: TestClient) -> None:
    kept = portal.post("api/tables", content=b"name,weight\nVega,1\nBetelgeux,2\n,3\n", headers=BINARY).json()
    targets = post(portal, "targets", table=kept["id"])
    assert targets["rows"] == 1
    assert [each["number"] for each in targets["problems"]] == [2, 3]
    assert list(matched(portal, targets)[1]["hip"]) == [91262]


def test_the_result_of_a_query_is_a_list_as_well(portal: TestClient) -> None:
    result = post(portal, "queries", adql="SELECT TOP 5 hip, ra, dec FROM hipparcos ORDER BY vmag")
    targets = post(portal, "targets", table=result["id"])
    _, found = matched(portal, targets, radius="1 arcsec")
    assert list(found["hip"]) == list(found["given_hip"]) and len(found) == 5
    again = post(portal, "targets", table=post(portal, "queries", adql=BRIGHT)["id"])
    assert again["rows"] == 5


BRIGHT = "SELECT TOP 5 hip AS target_number, ra AS target_ra, dec AS target_dec FROM hipparcos ORDER BY vmag"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({}, "text, table"),
        ({"text": "M31", "table": "0" * 32}, "text, table"),
        ({"text": ""}, "no target"),
        ({"text": "# nothing"}, "no target"),
        ({"text": "Betelgeux"}, "Line 1: 'Betelgeux' is no name"),
        ({"text": "1 2\n" * 100_001}, "100,001 lines"),
        ({"text": "\n".join(f"object {number}" for number in range(1_001))}, "1,001 names"),
    ],
    ids=str,
)
def test_a_list_that_can_not_be_is_refused(portal: TestClient, content: dict[str, object], words: str) -> None:
    answer = portal.post("api/targets", json=content)
    assert answer.status_code in (400, 413)
    assert words in answer.json()["message"] + answer.json()["remedy"]


def test_tables_that_are_none_are_refused(portal: TestClient) -> None:
    assert portal.post("api/tables", content=b"\x1f\x8bnonsense", headers=BINARY).status_code == 400
    assert portal.post("api/tables", content=b"a,b\n1,2\n").status_code == 400
    kept = portal.post("api/tables", content=b"a,b\n1,2\n", headers=BINARY).json()
    assert "the table has: a, b" in portal.post("api/targets", json={"table": kept["id"]}).json()["message"]
    match = {"id": kept["id"]}
    form = {"catalog": "hipparcos", "radius": "1 arcmin", "targets": match}
    assert "no list of targets" in portal.post("api/queries/form", json=form).json()["message"]
    gone = {**form, "targets": {"id": "0" * 32}}
    assert portal.post("api/queries/form", json=gone).status_code == 404
    assert portal.post("api/queries", json={"adql": "SELECT 1", "uploads": {"a b": kept["id"]}}).status_code == 400


def test_queries_name_tables_that_are_kept(portal: TestClient) -> None:
    kept = portal.post("api/tables", content=b"a,b\n1,2\n3,4\n", headers=BINARY).json()
    adql, uploads = "SELECT a + b AS s FROM TAP_UPLOAD.mine", {"mine": kept["id"]}
    assert portal.post("api/adql/check", json={"adql": adql}).status_code == 400
    assert post(portal, "adql/check", 200, adql=adql, uploads=uploads) == {"valid": True}
    offered = post(portal, "adql/complete", 200, before="SELECT * FROM TAP_UPLOAD.m", uploads=uploads)
    assert any("mine" in each["text"] for each in offered["suggestions"])
    assert list(table_of(portal, post(portal, "queries", adql=adql, uploads=uploads)["id"])["s"]) == [3, 7]
    job = post(portal, "async", adql=adql, uploads=uploads)
    while job["phase"] in ("QUEUED", "EXECUTING"):
        job = portal.get(f"api/async/{job['id']}", params={"phase": job["phase"], "wait": 10}).json()
    opened = post(portal, f"async/{job['id']}/open", 200)
    assert list(table_of(portal, opened["id"])["s"]) == [3, 7]
    assert f'mine = ub.result("{kept["id"]}")' in opened["python"]
