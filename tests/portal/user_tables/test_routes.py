"""Tables of users as pyvo and their users meet them, over HTTP: every verb, who may do what, and what is refused."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import pyvo
from astropy.io.votable import from_table
from astropy.table import Table
from pyvo.io.vosi import parse_tables

if TYPE_CHECKING:
    from conftest import Client

STARS = Table({"name": ["Alcyone", "Électra"], "ra": [56.871, 56.219], "dec": [24.105, 24.113]})
STARS["ra"].unit = STARS["dec"].unit = "deg"
STARS["ra"].meta["ucd"], STARS["dec"].meta["ucd"] = "pos.eq.ra;meta.main", "pos.eq.dec;meta.main"
JOB = re.compile(r"[0-9a-f]{32}")
FORM = "application/x-www-form-urlencoded"


def votable() -> bytes:
    document = from_table(STARS)
    for field in document.get_first_table().fields:
        field.ucd = STARS[field.name].meta.get("ucd")
    written = io.BytesIO()
    document.to_xml(written)
    return written.getvalue()


def fits() -> bytes:
    written = io.BytesIO()
    Table({"RA": np.array([1.5, np.nan], "f4"), "n": np.array([3, 4], "i2")}).write(written, format="fits")
    return written.getvalue()


def parquet(**columns: object) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def files(home: Path) -> set[Path]:
    return set((home / "portal" / "user_tables").rglob("*.parquet"))


def test_pyvo_makes_loads_indexes_and_removes_a_table(
    tycho: Client, tables_home: Path, definition: bytes, rows: bytes
) -> None:
    service, before = tycho.tap, files(tables_home)
    service.create_table("tycho.stars", io.BytesIO(definition))
    assert tycho.rows("SELECT COUNT(*) AS n FROM tycho.stars") == [(0,)]
    service.load_table("tycho.stars", io.BytesIO(rows))
    service.create_index("tycho.stars", "name", unique=True)
    service.load_table("tycho.stars", io.BytesIO(b"N,name\n7,Sirius\n"), format="csv")
    assert tycho.rows("SELECT name, ra, n FROM Tycho.Stars ORDER BY name") == [
        ("007", 10.68, None), ("Sirius", None, 7), ("Vega", 279.2347, 1), ("nowhere", None, 3)
    ]  # fmt: skip
    assert tycho.rows("SELECT name FROM tycho.stars WHERE name = '007'") == [("007",)]
    service.remove_table("tycho.stars")
    assert tycho.names() == []
    assert "no table is called 'tycho.stars'" in tycho.refused("SELECT * FROM tycho.stars")
    assert files(tables_home) == before


def test_a_votable_makes_a_table_with_its_rows_units_and_ucds(tycho: Client) -> None:
    tycho.tap.create_table("tycho.pleiades", io.BytesIO(votable()), format="VOTable")
    assert tycho.rows("SELECT name, dec FROM tycho.pleiades ORDER BY ra DESC")[0] == ("Alcyone", 24.105)
    described = "SELECT column_name, datatype, unit, ucd, indexed FROM TAP_SCHEMA.columns WHERE table_name = "
    assert tycho.rows(f"{described}'tycho.pleiades' ORDER BY column_index")[:2] == [
        ("name", "unicodeChar", "", "", 0),
        ("ra", "double", "deg", "pos.eq.ra;meta.main", 1),
    ]


@pytest.mark.parametrize(
    ("content", "kind", "rows"),
    [
        (b"n,name\n5, x \n", "text/csv", [(None, 5)]),
        (fits(), "application/fits", [(1.5, 3), (None, 4)]),
        (parquet(n=[2.0], RA=[1]), "application/vnd.apache.parquet", [(1.0, 2)]),
        (b"ra\tn\n\t9\n", "text/tab-separated-values", [(None, 9)]),
        (b"ra\tn\n", "text/tab-separated-values", []),
    ],
)
def test_rows_of_any_format_are_found_by_name(
    tycho: Client, content: bytes, kind: str, rows: list[tuple[object, ...]]
) -> None:
    tycho.make("tycho.stars")
    answer = tycho.load("tycho.stars", content, kind)
    assert answer.status_code == 200, answer.text
    assert tycho.rows("SELECT ra, n FROM tycho.stars ORDER BY n") == rows


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"name\tmagnitude\nVega\t0\n", "no column 'magnitude'"),
        (b"name\tn\nVega\t1\nDeneb\tmany\n", "Row #2"),
        (b"name\tn\nVega\t1\nDeneb\t2.5\n", "invalid value"),
        (b"name\tn\nVega\t1\nDeneb\n", "Expected 2 columns"),
        (b"", "empty"),
        (b"PAR1 is what it begins with", "can't be read as Parquet"),
        (parquet(n=[1, 2**40]), "column 'n'"),
        (parquet(ra=["1.5", "east"]), "column 'ra'"),
        (parquet(n=[[1], [2]]), "columns that a query can read"),
        (b"name\nDeneb\nVega\n", "'name' would come again"),
    ],
)
def test_a_load_that_can_not_be_read_adds_nothing(ole: Client, tables_home: Path, content: bytes, said: str) -> None:
    before = files(tables_home)
    answer = ole.load("ole.stars", content)
    assert (answer.status_code, said in answer.text) == (400, True), answer.text
    assert ole.rows("SELECT COUNT(*) AS n, COUNT(n) AS m FROM ole.stars") == [(3, 2)]
    assert files(tables_home) == before


def test_users_tables_join_catalogs_by_position_and_only_what_is_near_is_read(tycho: Client) -> None:
    tycho.make("tycho.stars")
    tycho.load("tycho.stars")
    join = (
        "SELECT s.name, h.hip FROM tycho.stars AS s JOIN hipparcos AS h "
        "ON DISTANCE(POINT(s.ra, s.dec), POINT(h.ra, h.dec)) < 0.01"
    )
    assert tycho.rows(join) == [("Vega", 91262)]
    plan = tycho.tap.run_sync(join, EXPLAIN="1").to_table()
    read = {row["table"]: (row["shards"], row["of_shards"], row["rows"]) for row in plan}
    assert read["tycho.stars"][:2] == (2, 2)
    assert read["hipparcos"][2] < 1000
    cone = "SELECT name FROM tycho.stars WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(279, 39, 1))"
    assert tycho.rows(cone) == [("Vega",)]
    assert tycho.rows("SELECT ivo_healpix_index(0, ra, dec) AS cell FROM tycho.stars WHERE name = '007'") == [(0,)]
    sent = {"t": Table({"who": ["Vega"]})}
    uploaded = "SELECT n FROM tycho.stars AS s JOIN TAP_UPLOAD.t AS t ON t.who = s.name"
    assert tycho.tap.run_sync(uploaded, uploads=sent).to_table()["n"].tolist() == [1]


def test_tap_schema_and_vosi_tables_name_them(tycho: Client) -> None:
    tycho.make("tycho.stars")
    # pyvo 1.9.1 asks for the columns of a single table without its session.
    told = parse_tables(io.BytesIO(tycho.ask("GET", "/tables").content).read).get_table_by_name("tycho.stars")
    assert told.description == "Stars of mine"
    assert [column.name for column in told.columns] == ["name", "ra", "dec", "n"]
    assert "tycho.stars" in tycho.tap.tables
    assert "<nrows>0</nrows>" in tycho.ask("GET", "/tables/Tycho.Stars").text
    assert tycho.rows("SELECT description FROM TAP_SCHEMA.schemas WHERE schema_name = 'tycho'") == [
        ("tables of tycho",)
    ]


def test_a_user_whose_name_needs_quotes_has_a_schema_of_it(tycho: Client) -> None:
    brahe = tycho.of("tycho-brahe@hven.dk")
    assert brahe.make("tycho-brahe@hven.dk.stars").status_code == 201
    (name,) = brahe.names()
    assert name == '"tycho-brahe@hven.dk".stars'
    assert brahe.load(name).status_code == 200
    assert brahe.rows(" ".join(("SELECT stars.n FROM", name, "WHERE stars.n = 3"))) == [(3,)]
    assert "no table is called" in brahe.refused('SELECT * FROM "tycho-brahe@hven".dk.stars')
    assert brahe.ask("DELETE", f"/tables/{name}").status_code == 200


WORDS = {
    "GET": ("/tables/tycho.stars", "/permissions/tycho.stars"),
    "POST": ("/load/tycho.stars", "/permissions/tycho.stars"),
    "DELETE": ("/tables/tycho.stars",),
}


def test_for_others_a_table_does_not_exist(tycho: Client) -> None:
    tycho.make("tycho.stars")
    kepler = tycho.of("kepler")
    assert kepler.names() == []
    assert "tycho" not in kepler.ask("GET", "/tables").text
    for method, paths in WORDS.items():
        for path in paths:
            there, nowhere = (kepler.ask(method, each, b"n\n1\n") for each in (path, path.replace("stars", "starz")))
            assert there.status_code == nowhere.status_code == 404, (method, path)
            assert there.text.replace("stars", "starz") == nowhere.text
    made = {"table": "tycho.stars", "index": "name"}
    assert kepler.ask("POST", "/table-update", made, FORM).status_code == 404
    assert kepler.refused("SELECT * FROM tycho.stars").replace("stars", "starz") == kepler.refused(
        "SELECT * FROM tycho.starz"
    )


def test_a_group_queries_what_is_shared_with_it_and_another_right_lets_it_add(tycho: Client) -> None:
    tycho.make("tycho.stars")
    tycho.load("tycho.stars")
    kepler, ursus = tycho.of("kepler"), tycho.of("ursus")
    shared = tycho.share("tycho.stars", "r-group=ivo://example.org/gms?hven\n")
    assert shared.text == "owner=tycho\npublic=false\nr-group=hven\nrw-group=\n"
    assert kepler.names() == ["tycho.stars"]
    assert kepler.ask("GET", "/permissions/tycho.stars").text == shared.text
    assert len(kepler.rows("SELECT * FROM tycho.stars")) == 3
    assert len(kepler.tap.run_async("SELECT * FROM tycho.stars").to_table()) == 3
    refused = [kepler.load("tycho.stars"), kepler.share("tycho.stars", "r-group=")]
    refused.append(kepler.ask("DELETE", "/tables/tycho.stars"))
    assert [answer.status_code for answer in refused] == [403] * 3
    assert tycho.share("tycho.stars", "rw-group=hven").status_code == 200
    assert kepler.load("tycho.stars").status_code == 200
    kepler.tap.create_index("tycho.stars", "n")
    assert kepler.ask("DELETE", "/tables/tycho.stars").status_code == 403
    assert ursus.names() == []
    with pytest.raises(pyvo.dal.DALQueryError, match="no table is called"):
        ursus.tap.run_async("SELECT * FROM tycho.stars")
    tycho.share("tycho.stars", "r-group=\nrw-group=\n")
    assert kepler.names() == []
    assert len(tycho.rows("SELECT * FROM tycho.stars")) == 6


@pytest.mark.parametrize(
    ("words", "status"), [("public=true", 403), ("r-group", 400), ("group=hven", 400), ("owner=kepler", 400)]
)
def test_words_of_permissions_that_are_refused_change_nothing(tycho: Client, words: str, status: int) -> None:
    tycho.make("tycho.stars")
    assert tycho.share("tycho.stars", f"r-group=hven\n{words}\n").status_code == status
    assert tycho.of("kepler").names() == []


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("kepler.stars", 403), ("stars", 403), ("tycho.select", 400), ("tycho.1st", 400), ("tycho.a b", 400),
        ("tycho.stars", 409), ("TYCHO.Stars", 409), ("TAP_SCHEMA.tables", 403), ("hipparcos", 403),
    ],
)  # fmt: skip
def test_names_that_a_table_can_not_have(tycho: Client, name: str, status: int) -> None:
    tycho.make("tycho.stars")
    assert tycho.make(name).status_code == status
    assert tycho.names() == ["tycho.stars"]


def with_column(inside: str) -> bytes:
    start = b'<table xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><name>t</name>'
    return start + f"<column>{inside}</column></table>".encode()


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"<table>", "text/xml", "no XML"),
        (b"<tables/>", "text/xml", "tables"),
        (b"<table/>", "text/xml", "0 columns"),
        (with_column("<name>a</name>"), "text/xml", "datatype"),
        (with_column("<name>a</name><dataType>complex</dataType>"), "text/xml", "complex"),
        (with_column("<name>a</name><dataType arraysize='2'>int</dataType>"), "text/xml", "arrays"),
        (with_column("<name>_healpix_29</name><dataType>long</dataType>"), "text/xml", "_healpix_29"),
        (with_column("<name>a</name><dataType>int</dataType></column><column><name>A</name><dataType>int</dataType>"),
         "text/xml", "Two columns"),
        (b"no VOTable", "application/x-votable+xml", "no VOTable"),
        (b"{}", "application/json", "application/json"),
    ],
)  # fmt: skip
def test_definitions_that_make_no_table(tycho: Client, content: bytes, kind: str, said: str) -> None:
    answer = tycho.make("tycho.stars", content, kind)
    assert (answer.status_code, said in answer.text) == (400, True), answer.text
    assert tycho.names() == []


def test_nobody_has_tables(tycho: Client) -> None:
    tycho.make("tycho.stars")
    nobody = tycho.of("")
    assert nobody.names() == []
    answers = [nobody.make("tycho.more"), nobody.ask("POST", "/table-update")]
    answers += [nobody.ask(method, path) for method, paths in WORDS.items() for path in paths if method != "GET"]
    assert [answer.status_code for answer in answers] == [401] * 5
    assert nobody.ask("GET", "/tables/tycho.stars").status_code == 404


def test_a_user_has_so_many_tables_and_so_much_in_them(tycho: Client, tables_home: Path) -> None:
    for name in ("a", "b", "c"):
        assert tycho.make(f"tycho.{name}").status_code == 201
    assert tycho.make("tycho.d").status_code == 429
    assert tycho.of("kepler").make("kepler.a").status_code == 201
    numbers = np.random.default_rng(1).random(90_000)
    assert tycho.load("tycho.a", parquet(ra=numbers)).status_code == 200
    before = files(tables_home)
    full = tycho.load("tycho.b", parquet(ra=numbers))
    assert (full.status_code, "accepted: 1 MB" in full.text) == (413, True)
    assert files(tables_home) == before
    assert tycho.rows("SELECT COUNT(*) AS n FROM tycho.b") == [(0,)]
    tycho.ask("DELETE", "/tables/tycho.a")
    assert tycho.load("tycho.b", parquet(ra=numbers)).status_code == 200


def test_a_load_may_be_larger_than_other_requests(tycho: Client, definition: bytes) -> None:
    tycho.make("tycho.stars")
    line = b"name\n" + b"0" * 1_000 + b"\n"
    assert tycho.load("tycho.stars", b"name\n" + b"zero and more\n" * 150_000).status_code == 200
    assert tycho.rows("SELECT COUNT(*) AS n FROM tycho.stars") == [(150_000,)]
    assert tycho.load("tycho.stars", line * 3_000).status_code == 413
    assert tycho.make("tycho.more", definition + b" " * 1_000_000).status_code == 413


def test_an_index_makes_one_sorted_file_with_filters(tycho: Client, tables_home: Path) -> None:
    tycho.make("tycho.stars")
    for start in (20_000, 0):
        tycho.load("tycho.stars", parquet(n=range(start, start + 20_000), name=[f"{n % 7}" for n in range(20_000)]))
    tycho.tap.create_index("tycho.stars", "n", unique=True)
    found = "SELECT indexed FROM TAP_SCHEMA.columns WHERE table_name = 'tycho.stars' AND column_name = 'n'"
    assert tycho.rows(found) == [(1,)]
    plan = tycho.tap.run_sync("SELECT name FROM tycho.stars WHERE n = 39999", EXPLAIN="1").to_table()
    assert plan["of_shards"].tolist() == [1]
    assert tycho.rows("SELECT name FROM tycho.stars WHERE n = 39999") == [(f"{19_999 % 7}",)]
    # What the index has replaced is still there for queries that read it.
    (path,) = (path for path in files(tables_home) if pq.read_metadata(path).num_rows == 40_000)
    assert pq.read_table(path)["n"].to_pylist() == list(range(40_000))
    assert pq.read_metadata(path).num_row_groups > 1
    assert tycho.load("tycho.stars", parquet(n=[1])).status_code == 400
    assert tycho.rows("SELECT COUNT(*) AS n, MAX(n) AS m FROM tycho.stars") == [(40_000, 39_999)]
    assert tycho.load("tycho.stars", parquet(n=[40_000])).status_code == 200


def test_an_index_that_can_not_be_made_says_why(tycho: Client) -> None:
    tycho.make("tycho.stars")
    tycho.load("tycho.stars", b"name\nVega\nVega\n")
    with pytest.raises(pyvo.dal.DALQueryError, match="1 values of the column 'name' would come again"):
        tycho.tap.create_index("tycho.stars", "name", unique=True)
    with pytest.raises(RuntimeError, match="400"):
        tycho.tap.create_index("tycho.stars", "magnitude")
    assert tycho.rows("SELECT name FROM tycho.stars") == [("Vega",), ("Vega",)]
    tycho.tap.create_index("tycho.stars", "ra")
    assert tycho.load("tycho.stars", b"name\nVega\n").status_code == 200


def test_an_index_is_no_query_of_the_users_list(tycho: Client) -> None:
    tycho.make("tycho.stars")
    given = {"TABLE": "tycho.stars", "INDEX": "n"}
    made = tycho.ask("POST", "/table-update", given, FORM)
    assert made.status_code == 303
    job = made.headers["Location"].rpartition("/")[2]
    assert JOB.fullmatch(job)
    listed = tycho.session.get(tycho.url.replace("/tap", "/api/jobs"), timeout=60)
    assert job not in listed.text
    assert "<uws:phase>PENDING" in tycho.ask("GET", f"/async/{job}").text
    assert tycho.of("kepler").ask("GET", f"/async/{job}").status_code == 403


def test_capabilities_say_where(tycho: Client) -> None:
    found = {each.standardid: each.interfaces[0] for each in tycho.tap.capabilities if each.standardid}
    for kind, path in (("update-async", "table-update"), ("load-sync", "load"), ("permissions", "permissions")):
        interface = found[f"ivo://ivoa.net/std/VOSI#table-{kind}-1.x"]
        assert interface.accessurls[0].content == f"{tycho.url}/{path}"
        assert [method.standardid for method in interface.securitymethods] == ["ivo://ivoa.net/sso#BasicAA"]


def test_who_adds_while_others_add_loses_nothing(tycho: Client, at_once: Callable[..., list[int]]) -> None:
    tycho.make("tycho.stars")
    answers = at_once([lambda n=n: tycho.load("tycho.stars", parquet(n=[n])).status_code for n in range(4)])
    assert answers == [200] * 4
    assert tycho.rows("SELECT n FROM tycho.stars ORDER BY n") == [(n,) for n in range(4)]
