"""DataLink over HTTP: pyvo and STILTS, unmodified, and what is refused."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
import pyvo
from astropy.io.votable import parse
from astropy.io.votable.tree import VOTableFile
from fastapi import Request
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.install import Entry, install
from uraniborg_portal.catalogs.models import Position, Readers
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.datalink.request import MOST_IDENTIFIERS
from uraniborg_portal.formats.votable import LINKS, LINKS_TYPE
from uraniborg_portal.identity.dependencies import optional_user
from uraniborg_portal.identity.models import User
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Curation, Settings

if TYPE_CHECKING:
    from conftest import Archive

HIPPARCOS = "ivo://uraniborg.unregistered/tap?density/hipparcos"
UNKNOWN = "ivo://uraniborg.unregistered/tap?products/0123"


def infos(document: VOTableFile) -> dict[str, str]:
    return {info.name: info.value for resource in document.resources for info in resource.infos}


@pytest.mark.peers
@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("how", ["run_sync", "run_async"])
def test_pyvo_follows_the_rows_of_a_query(archive: Archive, how: str, in_order: bool) -> None:
    product = archive.make("tycho", "gw", product="skymap")
    found = getattr(archive.tap("tycho"), how)("SELECT obs_title AS t, obs_publisher_did FROM ivoa.obscore ORDER BY t")
    links = {each.original_row["t"]: list(each) for each in found.iter_datalinks(preserve_order=in_order)}
    assert {"Density of Hipparcos", "GW150914, sky map"} <= links.keys() == set(found["t"])
    said = [(link.semantics, link.content_type, link.content_length > 0) for link in links["GW150914, sky map"]]
    assert sorted(said) == [
        ("#derivation", "application/fits", True),
        ("#derivation", "application/fits", True),
        ("#documentation", "application/json", False),
        ("#documentation", "text/html", False),
        ("#progenitor", "application/octet-stream", True),
        ("#this", "application/fits", True),
    ]
    assert all(product in link.access_url for link in links["GW150914, sky map"] if link.semantics != "#progenitor")


@pytest.mark.peers
def test_pyvo_sends_more_identifiers_than_are_answered(archive: Archive) -> None:
    unknown = [f"{UNKNOWN}{number}" for number in range(MOST_IDENTIFIERS + 100)]
    query = pyvo.dal.adhoc.DatalinkQuery(f"{archive.url}datalink/links", id=unknown)
    answer = query.execute_votable(post=True)
    assert infos(answer)["QUERY_STATUS"] == "OVERFLOW"
    assert list(answer.get_first_table().array["ID"]) == unknown[:MOST_IDENTIFIERS]


@pytest.mark.peers
def test_stilts_finds_no_mistake(archive: Archive, stilts: Callable[..., list[str]], tmp_path: Path) -> None:
    product = archive.make("tycho", "gw", product="spectrogram")
    asked = [HIPPARCOS, f"ivo://uraniborg.unregistered/tap?products/{product}", UNKNOWN]
    with archive.client("") as client:
        (tmp_path / "links.vot").write_bytes(client.get("datalink/links", params={"ID": asked}).content)
    command = stilts("datalinklint", f"votable={tmp_path / 'links.vot'}")
    report = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False).stdout
    # A term that the vocabulary has had since 2022; STILTS 3.4.7 brings an older copy.
    wrong = [line for line in report.splitlines() if line[:2] in ("E-", "W-") and "'documentation'" not in line]
    assert not wrong, report
    assert "rows checked: 11" in report


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("spelling", [str.upper, str.lower])
def test_identifiers_are_answered_one_after_the_other(
    portal: TestClient, method: str, spelling: Callable[[str], str]
) -> None:
    given = {spelling("id"): [UNKNOWN, HIPPARCOS, "<b>", UNKNOWN]}
    answer = portal.request(method, "datalink/links", **{"params" if method == "GET" else "data": given})
    assert (answer.status_code, answer.headers["content-type"]) == (200, LINKS_TYPE)
    assert answer.headers["access-control-allow-origin"] == "*"
    document = parse(io.BytesIO(answer.content))
    assert infos(document) == {"QUERY_STATUS": "OK", "standardID": LINKS}
    rows = document.get_first_table().array
    assert list(dict.fromkeys(rows["ID"])) == [UNKNOWN, HIPPARCOS, "<b>"]
    for row in rows:
        good = row["ID"] == HIPPARCOS
        assert bool(row["access_url"]) is good
        assert row["error_message"].startswith("NotFoundFault: ") is not good
        assert row["semantics"]


def test_the_authority_is_known_in_any_case_and_the_rest_as_it_stands(portal: TestClient) -> None:
    asked = [HIPPARCOS.replace("ivo://uraniborg", "IVO://Uraniborg"), HIPPARCOS.upper(), "ivo://other/tap?density/x"]
    answer = portal.get("datalink/links", params={"ID": asked})
    rows = parse(io.BytesIO(answer.content)).get_first_table().array
    assert {row["ID"] for row in rows if not row["error_message"]} == {asked[0]}


@pytest.mark.parametrize(
    ("given", "status", "rows"),
    [
        ({"ID": HIPPARCOS, "MAXREC": "2"}, "OVERFLOW", 2),
        ({"ID": HIPPARCOS, "MAXREC": "5"}, "OK", 5),
        ({"ID": HIPPARCOS, "MAXREC": "0"}, "OVERFLOW", 0),
        ({"ID": HIPPARCOS, "RESPONSEFORMAT": "votable"}, "OK", 5),
        ({"ID": HIPPARCOS, "RESPONSEFORMAT": "application/x-votable+xml; content=datalink"}, "OK", 5),
        ({"ID": HIPPARCOS, "unknown": "1"}, "OK", 5),
        ({"ID": ""}, "OK", 0),
        ({}, "OK", 0),
    ],
)
def test_parameters(portal: TestClient, given: dict[str, str], status: str, rows: int) -> None:
    answer = portal.get("datalink/links", params=given)
    assert answer.status_code == 200
    document = parse(io.BytesIO(answer.content))
    assert infos(document)["QUERY_STATUS"] == status
    table = document.get_first_table()
    assert len(table.array) == rows
    assert [field.name for field in table.fields] == [
        "ID", "access_url", "service_def", "error_message", "description", "semantics", "content_type",
        "content_length",
    ]  # fmt: skip


@pytest.mark.parametrize("given", [{"RESPONSEFORMAT": "csv"}, {"MAXREC": "many"}])
def test_refusals_are_votables(portal: TestClient, given: dict[str, str]) -> None:
    answer = portal.get("datalink/links", params={"ID": HIPPARCOS, **given})
    assert answer.status_code == 400
    assert infos(parse(io.BytesIO(answer.content)))["QUERY_STATUS"] == "ERROR"
    assert next(iter(given)).encode() in answer.content


def test_queries_without_identifiers_have_no_descriptor(portal: TestClient) -> None:
    def services(columns: str) -> list[str]:
        query = " ".join(("SELECT", columns, "FROM ivoa.obscore"))
        content = portal.get("tap/sync", params={"QUERY": query}).content
        return [each.utype for each in parse(io.BytesIO(content)).resources if each.type == "meta"]

    assert services("obs_title, UPPER(obs_publisher_did) AS u") == []
    assert services("obs_title, obs_publisher_did AS d") == ["adhoc:service"]
    for name in ("votable/td", "votable/b"):
        query = {"QUERY": "SELECT obs_title, obs_publisher_did AS d FROM ivoa.obscore", "FORMAT": name}
        document = parse(io.BytesIO(portal.get("tap/sync", params=query).content))
        (group,) = document.resources[1].groups
        (parameter,) = group.entries
        assert document.get_field_by_id(parameter.ref).name == "d"


def test_a_catalog_can_say_that_a_column_has_links(tmp_path: Path) -> None:
    table = pa.table({"id": [1], "ra": [10.0], "dec": [5.0]})
    links = "https://archive.example/links?COLLECTION=a&ID="
    entry = Entry(
        name="spectra", title="Spectra", position=Position(ra="ra", dec="dec"), notes={"id": Note(links=links)}
    )
    install(table, entry, tmp_path / "portal" / "catalogs")
    with TestClient(create_app(Settings(home=tmp_path, network=False))) as client:
        content = client.get("/services/portal/tap/sync", params={"QUERY": "SELECT ra, id AS i FROM spectra"}).content
    document = parse(io.BytesIO(content))
    said = {each.name: each.value for each in document.resources[1].params}
    assert said == {"standardID": LINKS, "accessURL": links, "contentType": LINKS_TYPE}


def test_a_hidden_catalog_has_no_density(tmp_path: Path) -> None:
    table = pa.table({"ra": [10.0], "dec": [5.0]})
    entry = Entry(
        name="hidden", title="Hidden", position=Position(ra="ra", dec="dec"), readers=Readers(users=("tycho",))
    )
    install(table, entry, tmp_path / "portal" / "catalogs")
    app = create_app(Settings(home=tmp_path, network=False, curation=Curation(authority="org.example")))
    app.dependency_overrides[optional_user] = who
    asked = {"ID": ["ivo://org.example/tap?density/hidden", "ivo://org.example/tap?density/absent"]}
    query = {"QUERY": "SELECT obs_publisher_did FROM ivoa.obscore", "FORMAT": "csv"}
    with TestClient(app, base_url="http://testserver/services/portal/") as client:
        for user in ("tycho", "kepler", ""):
            headers = {"x-user": user}
            hidden, absent = split(client.get("datalink/links", params=asked, headers=headers).content)
            rows = client.get("tap/sync", params=query, headers=headers).text
            assert ("density/hidden" in rows) is (user == "tycho")
            if user == "tycho":
                assert "Hidden" in rows or hidden != absent
            else:
                assert hidden == absent


def who(request: Request) -> User | None:
    name = request.headers.get("x-user")
    return User(name=name) if name else None


def split(content: bytes) -> tuple[list[str], list[str]]:
    """What is said of the hidden and of the absent catalog, without their names."""
    rows = parse(io.BytesIO(content)).get_first_table().array
    said = {name: [row["error_message"].replace(name, "it") for row in rows if name in row["ID"]]
            for name in ("hidden", "absent")}  # fmt: skip
    return said["hidden"], said["absent"]
