"""Cone searches over HTTP, as the standard has them and as its clients ask for them."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from xml.etree import ElementTree as ET

import astropy.units as u
import pyarrow as pa
import pytest
import pyvo
from astropy.coordinates import SkyCoord
from astropy.io.votable import parse
from astropy.table import Table
from fastapi import FastAPI
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.install import Entry, install
from uraniborg_portal.catalogs.models import Position, Readers
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

NAMESPACE = "{http://www.ivoa.net/xml/VOTable/v1.3}"
PLEIADES = {"RA": "56.75", "DEC": "24.12", "SR": "1"}
MAIN = ("ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN")


@pytest.fixture(scope="module")
def cones(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A portal with catalogs whose rows are named in every way."""
    home = tmp_path_factory.mktemp("home")
    table = pa.table(
        {
            "id": pa.array([7, 8], pa.int64()),
            "ra": pa.array([10.0, 10.25], pa.float32()),
            "dec": [5.0, 5.0],
            "Name Of It": ["a", None],
        }
    )
    position = Position(ra="ra", dec="dec")
    catalogs = home / "portal" / "catalogs"
    install(table, Entry(name="numbered", title="Numbered", position=position, identifier="id"), catalogs)
    install(table, Entry(name="named", title="Named", position=position, identifier="Name Of It"), catalogs)
    install(table, Entry(name="nameless", title="Nameless", position=position), catalogs)
    hidden = Readers(groups=("staff",))
    install(table, Entry(name="hidden", title="Hidden", position=position, readers=hidden), catalogs)
    with TestClient(create_app(Settings(home=home, network=False)), raise_server_exceptions=False) as client:
        client.base_url = client.base_url.join("/services/portal/scs/")
        yield client


@pytest.mark.parametrize(
    ("catalog", "verb", "names", "identifiers"),
    [
        ("numbered", "1", ["main_id", "ra", "dec"], ["7", "8"]),
        ("numbered", "3", ["main_id", "ra", "dec", "id", "Name Of It"], ["7", "8"]),
        ("named", "3", ["Name Of It", "ra", "dec", "id"], ["a", ""]),
        ("nameless", "1", ["main_id", "ra", "dec"], ["10.0 5.0", "10.25 5.0"]),
        ("hipparcos", "1", ["id", "ra", "dec"], []),
    ],
)
def test_each_answer_has_one_identifier_and_one_position(
    cones: TestClient, catalog: str, verb: str, names: list[str], identifiers: list[str]
) -> None:
    answer = cones.get(catalog, params={"RA": "10", "DEC": "5", "SR": "0.5", "VERB": verb})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/x-votable+xml")
    fields = list(ET.fromstring(answer.content).iter(f"{NAMESPACE}FIELD"))
    ucds = Counter(field.get("ucd") for field in fields)
    assert [ucds[ucd] for ucd in MAIN] == [1, 1, 1]
    assert [field.get("name") for field in fields] == names
    types = [(field.get("datatype"), field.get("arraysize")) for field in fields[:3]]
    assert types[0] in (("char", "*"), ("unicodeChar", "*")) and types[1:] == [("double", None)] * 2
    table = parse(io.BytesIO(answer.content)).get_first_table().to_table(use_names_over_ids=True)
    if identifiers:
        assert list(table[names[0]].filled("") if table[names[0]].dtype == object else table[names[0]]) == identifiers


@pytest.mark.parametrize("more", [{"SR": "0"}, {"MAXREC": "0"}])
def test_what_asks_for_columns_gets_no_rows(cones: TestClient, more: dict[str, str]) -> None:
    answer = cones.get("hipparcos", params={**PLEIADES, **more})
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == "*"
    table = parse(io.BytesIO(answer.content)).get_first_table()
    assert len(table.array) == 0 and "vmag" in [field.name for field in table.fields]
    assert ("OVERFLOW" in answer.text) is ("MAXREC" in more)


def test_the_limit_of_rows_is_told_and_gives_the_nearest(cones: TestClient) -> None:
    few = cones.get("hipparcos", params={**PLEIADES, "MAXREC": "5", "RESPONSEFORMAT": "csv"}).text.splitlines()
    many = cones.get("hipparcos", params={**PLEIADES, "RESPONSEFORMAT": "csv"}).text.splitlines()
    assert len(few) == 6 and len(many) > 20 and few == many[:6]
    assert "OVERFLOW" in cones.get("hipparcos", params={**PLEIADES, "MAXREC": "5"}).text


def test_a_cone_over_a_pole_and_the_meridian(cones: TestClient) -> None:
    stars = Table.read(io.BytesIO(cones.get("hipparcos?RA=359.9&DEC=89&SR=3&RESPONSEFORMAT=fits").content))
    center = SkyCoord(359.9, 89, unit="deg")
    assert len(stars) > 10 and stars["ra"].max() - stars["ra"].min() > 300
    assert (center.separation(SkyCoord(stars["ra"], stars["dec"], unit="deg")) <= 3 * u.deg).all()


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("hipparcos?RA=x&DEC=1&SR=1", 400, "RA='x'"),
        ("hipparcos?DEC=1&SR=1", 400, "RA is missing"),
        ("hipparcos?RA=1&DEC=1&SR=1&RESPONSEFORMAT=<b>", 400, "RESPONSEFORMAT"),
        ("hiparcos?RA=1&DEC=1&SR=1", 404, "Did you mean hipparcos"),
        ("hidden?RA=1&DEC=1&SR=1", 404, "No catalog is named"),
    ],
)
def test_errors_are_votables_of_both_standards(cones: TestClient, path: str, status: int, words: str) -> None:
    answer = cones.get(path)
    assert answer.status_code == status and answer.headers["access-control-allow-origin"] == "*"
    top = ET.fromstring(answer.content)
    told = top.find(f"{NAMESPACE}INFO")
    assert told is not None and told.get("name") == "Error" and words in told.get("value", "")
    status_of = top.find(f"{NAMESPACE}RESOURCE/{NAMESPACE}INFO")
    assert status_of is not None and status_of.get("value") == "ERROR" and words in (status_of.text or "")


@pytest.fixture(scope="module")
def scs_url(portal_home: Path, serve: Callable[[FastAPI], AbstractContextManager[str]]) -> Iterator[str]:
    with serve(create_app(Settings(home=portal_home, network=False))) as url:
        yield f"{url}/services/portal/scs/hipparcos"


@pytest.mark.peers
def test_pyvo_searches(scs_url: str) -> None:
    service = pyvo.dal.SCSService(scs_url)
    found = service.search(pos=(56.75, 24.12), radius=1.0, verbosity=3)
    assert len(found) > 20
    star = found[0]
    assert star.id == "17702" and star.pos.separation(SkyCoord(56.871, 24.105, unit="deg")) < 1 * u.arcsec
    assert "b_v_error" not in found.fieldnames and "vmag" in found.fieldnames
    with pytest.raises(pyvo.dal.DALQueryError, match="VERB"):
        service.search(pos=(56.75, 24.12), radius=1.0, verbosity=7)


@pytest.mark.peers
@pytest.mark.timeout(120)
def test_stilts_searches(scs_url: str, tmp_path: Path) -> None:
    stilts = shutil.which("stilts")
    if stilts is None:
        pytest.skip("STILTS is not installed (Debian: apt install stilts)")
    cone = ("cone", f"serviceurl={scs_url}", "lon=56.75", "lat=24.12", "radius=1", "verb=1", "ofmt=csv")
    done = subprocess.run([stilts, *cone], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("id,ra,dec\n17702,")
    (tmp_path / "mine.csv").write_text("name,a,d\nAlcyone,56.871,24.105\nnothing,10,20\nElectra,56.219,24.113\n")
    match = ("coneskymatch", f"serviceurl={scs_url}", "ra=a", "dec=d", "sr=0.005", "ifmt=csv", "ofmt=csv", "find=best")
    files = (f"in={tmp_path / 'mine.csv'}", f"out={tmp_path / 'found.csv'}")
    done = subprocess.run([stilts, *match, *files], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert sorted(Table.read(tmp_path / "found.csv")["hip"]) == [17499, 17702]
