"""Records are valid against the schemas of the IVOA, and tell of nothing that has readers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow as pa
import pytest
from fastapi import Request
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.install import Entry, install
from uraniborg_portal.catalogs.models import Position, Readers
from uraniborg_portal.identity.dependencies import optional_user
from uraniborg_portal.identity.models import User
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Curation, Settings

SCHEMATA = Path("/usr/lib/python3/dist-packages/gavo/resources/schemata")
"""The IVOA's schemas, as Debian's python3-gavo has them."""
NAMES = ("RegistryInterface", "VODataService", "TAPRegExt", "ConeSearch")
CURATION = Curation(authority="org.example", publisher="Example & Sons", contact="Tycho", email="tycho@example.org")
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A portal that says who publishes it, with a hidden catalog that the caller may read."""
    home = tmp_path_factory.mktemp("home")
    table = pa.table({"ra": [10.0], "dec": [5.0], "Odd <Name>": [1]})
    position, readers = Position(ra="ra", dec="dec"), Readers(users=("tycho",))
    catalogs = home / "portal" / "catalogs"
    install(table, Entry(name="hidden", title="Hidden", position=position, readers=readers), catalogs)
    install(table, Entry(name="odd", title="Odd\n<title>", position=position, licence="CC0-1.0"), catalogs)
    app = create_app(Settings(home=home, network=False, curation=CURATION))

    def tycho(request: Request) -> User:
        return User(name="tycho")

    app.dependency_overrides[optional_user] = tycho
    with TestClient(app, raise_server_exceptions=False) as client:
        client.base_url = client.base_url.join("/services/portal/")
        yield client


def check_against_schemas(content: bytes) -> None:
    """Fail where a record is not valid."""
    etree = pytest.importorskip("lxml.etree")
    if not SCHEMATA.is_dir():
        pytest.skip("The IVOA's schemas are not installed (Debian: apt install python3-gavo)")

    def resolve(self: object, url: str, public: str, context: object) -> object:
        return local.resolve_filename(str(SCHEMATA / url.rpartition("/")[2]), context)

    local = type("Local", (etree.Resolver,), {"resolve": resolve})()
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(local)
    namespaces = [etree.parse(SCHEMATA / f"{name}.xsd").getroot().get("targetNamespace") for name in NAMES]
    imports = "".join(
        f'<xs:import namespace="{space}" schemaLocation="file:///{name}.xsd"/>'
        for space, name in zip(namespaces, NAMES, strict=True)
    )
    whole = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    schema = etree.XMLSchema(etree.fromstring(whole, parser))
    schema.assertValid(etree.fromstring(content))
    assert not schema.validate(etree.fromstring(content.replace(b"<identifier>ivo://", b"<identifier>urn:")))


@pytest.mark.parametrize("path", ["tap", "catalogs/hipparcos", "catalogs/odd"])
def test_records_are_valid(published: TestClient, path: str) -> None:
    answer = published.get(f"records/{path}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/xml")
    check_against_schemas(answer.content)


def test_what_the_record_of_the_service_says(published: TestClient) -> None:
    top = ET.fromstring(published.get("records/tap").content)
    assert top.get(XSI) == "vs:CatalogService" and top.findtext("identifier") == "ivo://org.example/tap"
    assert top.findtext("curation/publisher") == "Example & Sons"
    assert top.findtext("curation/contact/email") == "tycho@example.org"
    standards = {found.get("standardID") for found in top.iter("capability")}
    assert {"ivo://ivoa.net/std/TAP", "ivo://ivoa.net/std/VOSI#tables-1.1"} <= standards
    tables = {found.findtext("name") for found in top.iter("table")}
    assert top.find("capability/dataModel").get("ivo-id") == "ivo://ivoa.net/std/ObsCore#core-1.1"
    assert "ivo://ivoa.net/std/DataLink#links-1.1" in standards
    assert {"hipparcos", "odd", "ivoa.obscore", "TAP_SCHEMA.tables"} <= tables and "hidden" not in tables


def test_what_the_record_of_a_catalog_says(published: TestClient) -> None:
    top = ET.fromstring(published.get("records/catalogs/hipparcos").content)
    assert top.findtext("identifier") == "ivo://org.example/catalogs/hipparcos"
    addresses = {found.get("standardID"): found.findtext("interface/accessURL") for found in top.iter("capability")}
    cone = addresses["ivo://ivoa.net/std/ConeSearch"]
    assert cone is not None
    assert published.get(f"{cone}RA=56.75&DEC=24.12&SR=0.5").status_code == 200
    related = top.find("content/relationship/relatedResource")
    assert related is not None and related.get("ivo-id") == "ivo://org.example/tap"
    footprint = top.findtext("coverage/footprint")
    assert footprint is not None and published.get(footprint).status_code == 200


def test_what_has_readers_has_no_record_even_for_them(published: TestClient) -> None:
    assert published.get("api/catalogs/hidden").status_code == 200
    assert published.get("records/catalogs/hidden").status_code == 404


def test_without_a_publisher_there_is_no_record(portal: TestClient) -> None:
    for path in ("records/tap", "records/catalogs/hipparcos"):
        answer = portal.get(path)
        assert answer.status_code == 404 and "[curation]" in answer.json()["remedy"]


def test_the_authority_names_the_density(published: TestClient) -> None:
    assert "ivo://org.example/density/odd" in published.get("hips/odd/properties").text
