"""`ivoa.obscore` has what its caller may know of, and leads to files that are there."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest
import pyvo
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table
from astropy.time import Time
from mocpy import MOC

from uraniborg_portal.formats.votable import LINKS_TYPE
from uraniborg_portal.obscore.columns import COLUMNS

if TYPE_CHECKING:
    from conftest import Archive

pytestmark = [pytest.mark.peers, pytest.mark.timeout(240)]

ALL = "SELECT * FROM ivoa.obscore ORDER BY obs_title"


@pytest.fixture(scope="module")
def made(archive: Archive) -> dict[str, str]:
    """Real products of tycho's."""
    products = ("strain", "spectrogram", "skymap", "matched_filter")
    found = {name: archive.make("tycho", "gw", product=name) for name in products}
    return found | {"hour": archive.make("tycho", "sundial", hour=7)}


def fetched(url: str) -> httpx.Response:
    return httpx.get(url, timeout=60)


def rows(archive: Archive, user: str, query: str = ALL) -> Table:
    return archive.tap(user).search(query).to_table()


def row(archive: Archive, product: str) -> Table.Row:
    (found,) = [each for each in rows(archive, "tycho") if each["obs_id"] == product]
    return found


def test_rows_are_what_one_has_made_and_what_is_public(archive: Archive, made: dict[str, str]) -> None:
    public = {"hipparcos", "openngc"}
    assert set(rows(archive, "tycho")["obs_id"]) == public | set(made.values())
    assert set(rows(archive, "")["obs_id"]) == set(rows(archive, "kepler")["obs_id"]) == public
    # Who asks for the same has it, too.
    assert archive.make("kepler", "sundial", hour=7) == made["hour"]
    assert set(rows(archive, "kepler")["obs_id"]) == public | {made["hour"]}


def test_columns_are_those_of_the_standard(archive: Archive) -> None:
    with archive.client("") as client:
        content = client.get("tap/sync", params={"QUERY": ALL, "MAXREC": "0"}).content
    table = parse(io.BytesIO(content)).get_first_table()
    assert len(table.array) == 0
    fields = {each.name: each for each in table.fields}
    assert list(fields) == [column.name for column in COLUMNS]
    for name, datatype, unit, ucd, utype in [
        ("s_ra", "double", "deg", "pos.eq.ra", "Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1"),
        ("t_min", "double", "d", "time.start;obs.exposure", "Char.TimeAxis.Coverage.Bounds.Limits.StartTime"),
        ("access_estsize", "long", "kbyte", "phys.size;meta.file", "Access.Size"),
        ("obs_publisher_did", "char", None, "meta.ref.ivoid", "Curation.PublisherDID"),
    ]:
        field = fields[name]
        assert (field.datatype, field.ucd, field.utype) == (datatype, ucd, f"obscore:{utype}")
        assert field.unit == unit
    assert fields["s_region"].xtype == "adql:REGION"


def test_strain_is_a_time_series_in_a_band(archive: Archive, made: dict[str, str]) -> None:
    strain = row(archive, made["strain"])
    assert (strain["dataproduct_type"], strain["calib_level"], strain["obs_collection"]) == ("timeseries", 3, "gw")
    assert (strain["target_name"], strain["facility_name"], strain["instrument_name"]) == (
        "GW150914", "LIGO Hanford", "H1",
    )  # fmt: skip
    # 2015-09-14 09:50:45.4 UTC, within the half second that is shown.
    merger = Time("2015-09-14T09:50:45.4").mjd
    assert strain["t_min"] < merger < strain["t_max"]
    assert (strain["t_max"] - strain["t_min"]) * 86400 == pytest.approx(0.5, abs=1e-4)
    assert strain["t_xel"] * strain["t_resolution"] == pytest.approx(strain["t_exptime"]) == 0.5
    assert 299_792_458 / strain["em_min"] == pytest.approx(350)
    assert 299_792_458 / strain["em_max"] == pytest.approx(35)
    assert np.ma.is_masked(strain["s_ra"]) and strain["s_region"] == ""


def test_a_sky_map_is_where_the_event_may_have_been(archive: Archive, made: dict[str, str], tmp_path: Path) -> None:
    sky = row(archive, made["skymap"])
    assert (sky["dataproduct_type"], sky["calib_level"], sky["o_ucd"]) == ("image", 4, "stat.probability")
    links = pyvo.dal.adhoc.DatalinkResults.from_result_url(sky["access_url"])
    (region,) = [link for link in links if link.access_url.endswith("region90.moc.fits")]
    (tmp_path / "moc.fits").write_bytes(fetched(region.access_url).content)
    area = MOC.load(tmp_path / "moc.fits", "fits")
    shown = MOC.from_stcs(sky["s_region"], max_depth=10)
    assert area.intersection(shown).sky_fraction > 0.99 * area.sky_fraction
    assert shown.sky_fraction < 2 * area.sky_fraction
    near = "SELECT obs_id FROM ivoa.obscore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(112, -73, 2))"
    assert list(rows(archive, "tycho", near)["obs_id"]) == [made["skymap"]]


def test_what_is_one_file_is_at_access_url_itself(archive: Archive, made: dict[str, str]) -> None:
    hour = row(archive, made["hour"])
    assert hour["access_format"] == "text/plain" and hour["dataproduct_type"] == ""
    answer = fetched(hour["access_url"])
    assert (answer.status_code, answer.text) == (200, "7.0")
    assert hour["access_estsize"] == 1


@pytest.mark.parametrize("product", ["strain", "spectrogram", "skymap", "matched_filter"])
def test_what_is_more_is_behind_datalink(archive: Archive, made: dict[str, str], product: str) -> None:
    found = row(archive, made[product])
    assert found["access_format"] == LINKS_TYPE
    links = list(pyvo.dal.adhoc.DatalinkResults.from_result_url(found["access_url"]))
    for link in (each for each in links if each.semantics != "#progenitor"):
        answer = fetched(link.access_url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == link.content_type
        assert link.content_length in (0, len(answer.content))
    itself = [link for link in links if link.semantics == "#this"]
    assert found["access_estsize"] == -(-sum(link.content_length for link in itself) // 1000)
    first = next(link for link in itself if link.content_type == "application/fits")
    with fits.open(io.BytesIO(fetched(first.access_url).content)) as opened:
        assert len(opened)


def test_a_density_is_an_image_of_the_sky(archive: Archive) -> None:
    (density,) = rows(archive, "", "SELECT * FROM ivoa.obscore WHERE obs_id = 'openngc'")
    links = list(pyvo.dal.adhoc.DatalinkResults.from_result_url(density["access_url"]))
    assert all(fetched(link.access_url).status_code == 200 for link in links)
    (image,) = [link for link in links if link.semantics == "#this"]
    with fits.open(io.BytesIO(fetched(image.access_url).content)) as opened:
        assert opened[0].data.shape == (density["s_xel2"], density["s_xel1"])
        assert opened[0].data.sum() > 10_000


@pytest.mark.parametrize("user", ["tycho", ""])
def test_asynchronous_queries_have_the_same_rows(archive: Archive, made: dict[str, str], user: str) -> None:
    found, expected = archive.tap(user).run_async(ALL).to_table(), rows(archive, user)
    assert found.colnames == expected.colnames
    assert [list(map(str, each)) for each in found] == [list(map(str, each)) for each in expected]


# The credible region of GW150914 is an arc that runs by (112, -73) and (150, -60), and is far from the North.
@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("1 = INTERSECTS(s_region, CIRCLE(112, -73, 2))", True),
        ("INTERSECTS(CIRCLE('ICRS', 112, -73, 2), s_region) = 1", True),
        ("1 = INTERSECTS(CIRCLE(POINT(112, 20), 2), s_region)", False),
        ("0 = INTERSECTS(s_region, CIRCLE(112, 20, 2))", True),
        ("1 = INTERSECTS(s_region, POLYGON(110, -75, 114, -75, 114, -71, 110, -71))", True),
        ("1 = INTERSECTS(s_region, BOX(112, 20, 4, 4))", False),
        ("1 = INTERSECTS(s_region, REGION('CIRCLE ICRS 112 -73 2'))", True),
        ("1 = CONTAINS(POINT(112, -73.2), s_region)", True),
        ("1 = CONTAINS(POINT('ICRS', 112, 20), s_region)", False),
        ("1 = CONTAINS(CIRCLE(112, -73.2, 0.1), s_region)", True),
        ("1 = CONTAINS(CIRCLE(112, -73.2, 30), s_region)", False),
        ("1 = CONTAINS(s_region, CIRCLE(112, -73, 90))", True),
        ("1 = CONTAINS(s_region, CIRCLE(112, -73, 2))", False),
        ("NOT (1 = CONTAINS(s_region, CIRCLE(112, -73, 2)) OR 1 = INTERSECTS(s_region, CIRCLE(0, 90, 5)))", True),
        ("CONTAINS(POINT(112, -73.2), s_region) + INTERSECTS(s_region, CIRCLE(112, 20, 2)) = 1", True),
    ],
)
def test_regions_are_searched(archive: Archive, made: dict[str, str], condition: str, found: bool) -> None:
    query = " ".join(("SELECT obs_id FROM ivoa.obscore WHERE obs_collection = 'gw' AND", condition))
    assert list(rows(archive, "tycho", query)["obs_id"]) == [made["skymap"]] * found


def test_regions_are_searched_wherever_a_value_stands(archive: Archive, made: dict[str, str]) -> None:
    queries = {
        "SELECT COUNT(*) AS n FROM ivoa.obscore WHERE 1 = INTERSECTS(s_region, CIRCLE(0, 90, 5))": 2,
        "SELECT COUNT(*) AS n FROM (SELECT INTERSECTS(s_region, CIRCLE(0, 90, 5)) AS i FROM ivoa.obscore) AS x "
        "WHERE i IS NULL": 4,
        "SELECT SUM(CONTAINS(POINT(0, 0), s_region)) AS n FROM ivoa.obscore": 2,
        "SELECT COUNT(*) AS n FROM ivoa.obscore AS a JOIN ivoa.obscore AS b ON 1 = INTERSECTS(a.s_region, "
        "CIRCLE(0, 90, 5)) AND 1 = CONTAINS(POINT(112, -73.2), b.s_region)": 6,
    }
    assert {query: rows(archive, "tycho", query)["n"][0] for query in queries} == queries


def test_pyvo_asks_for_images_at_a_position(archive: Archive, made: dict[str, str]) -> None:
    """What `pyvo.discover` asks of services with ObsCore."""
    query = (
        "SELECT * FROM ivoa.obscore WHERE dataproduct_type='image' AND (distance(s_ra, s_dec, 112, -73) < 1 "
        "OR 1=intersects(circle(112, -73, 1), s_region)) AND t_min BETWEEN 57279 AND 57280"
    )
    assert list(rows(archive, "tycho", query)["obs_id"]) == [made["skymap"]]


@pytest.mark.parametrize(
    ("query", "match"),
    [
        ("SELECT * FROM ivoa.obscore WHERE 1 = CONTAINS(POINT(s_ra, s_dec), s_region)", "with constant shapes only"),
        ("SELECT * FROM ivoa.obscore WHERE 1 = INTERSECTS(s_region, s_region)", "expected a geometry"),
        ("SELECT AREA(s_region) FROM ivoa.obscore", "expected a geometry"),
        ("SELECT * FROM (SELECT s_region AS r FROM ivoa.obscore) AS x WHERE 1 = INTERSECTS(r, CIRCLE(1, 1, 1))",
         r"r is a text, whose region is not searched here.*CONTAINS\(POINT\(s_ra, s_dec\)"),
    ],
)  # fmt: skip
def test_what_is_not_asked_of_regions(archive: Archive, query: str, match: str) -> None:
    with pytest.raises(pyvo.dal.DALQueryError, match=match):
        archive.tap("").search(query)


def test_a_query_tests_regions_a_few_times(archive: Archive) -> None:
    tests = ["INTERSECTS(s_region, CIRCLE(1, 1, 1))"] * 21
    query = " ".join(("SELECT obs_id FROM ivoa.obscore WHERE 1 IN (", ", ".join(tests[1:]), ")"))
    assert len(archive.tap("").search(query)) == 2
    with pytest.raises(pyvo.dal.DALQueryError, match="20 times at most"):
        archive.tap("").search(query.replace(tests[0], f"{tests[0]}, {tests[0]}", 1))


def test_what_somebody_removed_has_no_row(archive: Archive) -> None:
    gone = archive.make("sophie", "sundial", hour=3)
    shutil.rmtree(archive.home / "portal" / "products" / gone)
    assert gone not in rows(archive, "sophie")["obs_id"]
