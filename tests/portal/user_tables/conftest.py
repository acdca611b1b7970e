"""A portal that listens, with a hub that knows three users; real pyvo speaks to it as each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pyvo
import requests
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from uraniborg_portal.identity.models import HubService
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import QueryLimits, RequestLimits, Settings, UserTableLimits

SCOPE = "access:services!service=portal"
GROUPS = {"tycho": ["hven"], "kepler": ["hven"], "ursus": [], "ole": [], "tycho-brahe@hven.dk": []}
"""Users, whose tokens are their names, and their groups."""
Serve = Callable[[FastAPI | Starlette], AbstractContextManager[str]]

DEFINITION = b"""<vosi:table xmlns:vosi="http://www.ivoa.net/xml/VOSITables/v1.0"
  xmlns:vod="http://www.ivoa.net/xml/VODataService/v1.1" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<name>ignored</name><description>Stars of
  mine</description>
<column><name>name</name><dataType xsi:type="vod:VOTableType" arraysize="30*">char</dataType></column>
<column><name>ra</name><unit>deg</unit><ucd>pos.eq.ra;meta.main</ucd>
  <dataType xsi:type="vod:VOTableType">double</dataType></column>
<column><name>dec</name><unit>deg</unit><ucd>pos.eq.dec;meta.main</ucd>
  <dataType xsi:type="vod:VOTableType">double</dataType></column>
<column><name>n</name><description>how many</description><dataType xsi:type="vod:TAPType">INTEGER</dataType></column>
</vosi:table>"""
"""A table of stars."""
ROWS = b"name\tra\tdec\tn\nVega\t279.2347\t38.7837\t1\n007\t10.68\t41.27\t\nnowhere\t\t\t3\n"


def named(name: str) -> dict[str, object]:
    """A user as JupyterHub has it."""
    return {"kind": "user", "name": name, "groups": GROUPS[name], "admin": False, "scopes": [SCOPE]}


async def who(request: Request) -> Response:
    """Answer `GET /user` as JupyterHub does."""
    token = request.headers.get("authorization", "").rpartition(" ")[2]
    return JSONResponse(named(token)) if token in GROUPS else JSONResponse({"status": 403}, 403)


async def user(request: Request) -> Response:
    """Answer `GET /users/NAME`."""
    name = request.path_params["name"]
    return JSONResponse(named(name)) if name in GROUPS else JSONResponse({"status": 404}, 404)


@dataclass(frozen=True)
class Client:
    """The service as one user, or nobody, sees it."""

    url: str
    name: str = ""

    @property
    def session(self) -> requests.Session:
        """A session that is signed in."""
        made = requests.Session()
        if self.name:
            made.headers["Authorization"] = f"Bearer {self.name}"
        return made

    @property
    def tap(self) -> pyvo.dal.TAPService:
        """The service as pyvo has it."""
        return pyvo.dal.TAPService(self.url, session=self.session)

    def of(self, name: str) -> Client:
        """The same service, seen by somebody else."""
        return Client(self.url, name)

    def ask(self, method: str, path: str, content: bytes | dict[str, str] = b"", kind: str = "") -> requests.Response:
        """The answer to a request, redirects not followed."""
        headers = {"Content-Type": kind} if kind else {}
        return self.session.request(
            method, f"{self.url}{path}", data=content, headers=headers, timeout=60, allow_redirects=False
        )

    def make(self, name: str, content: bytes = DEFINITION, kind: str = "text/xml") -> requests.Response:
        """The answer to the wish for a table."""
        return self.ask("PUT", f"/tables/{name}", content, kind)

    def load(self, name: str, content: bytes = ROWS, kind: str = "text/tab-separated-values") -> requests.Response:
        """The answer to rows."""
        return self.ask("POST", f"/load/{name}", content, kind)

    def share(self, name: str, words: str) -> requests.Response:
        """The answer to who may use a table."""
        return self.ask("POST", f"/permissions/{name}", words.encode(), "text/plain")

    def rows(self, adql: str) -> list[tuple[object, ...]]:
        """The rows of a query, as pyvo gives them; masked values are None."""
        table = self.tap.run_sync(adql).to_table()
        return list(zip(*(table[name].tolist() for name in table.colnames), strict=True))

    def names(self) -> list[str]:
        """The tables of users that TAP_SCHEMA has."""
        found = self.rows("SELECT schema_name, table_name FROM TAP_SCHEMA.tables")
        return [str(name) for schema, name in found if schema not in ("catalogs", "ivoa", "TAP_SCHEMA")]

    def refused(self, adql: str) -> str:
        """Why a query is refused."""
        with pytest.raises(pyvo.dal.DALQueryError) as told:
            self.tap.run_sync(adql)
        return str(told.value)


@pytest.fixture(scope="session")
def users_hub(serve: Serve) -> Iterator[HubService]:
    """The hub."""
    routes = [Route("/hub/api/user", who), Route("/hub/api/users/{name}", user)]
    with serve(Starlette(routes=routes)) as url:
        yield HubService(
            api_url=f"{url}/hub/api", api_token="secret", client_id="service-portal", service_url=None,
            hub_path="/hub/", access_scopes=frozenset({SCOPE}),
        )  # fmt: skip


@pytest.fixture(scope="session")
def definition() -> bytes:
    """What a table of stars is to be."""
    return DEFINITION


@pytest.fixture(scope="session")
def rows() -> bytes:
    """Three rows for it."""
    return ROWS


@pytest.fixture(scope="session")
def limits() -> UserTableLimits:
    """What users may keep."""
    return UserTableLimits(megabytes_per_user=1, tables_per_user=3, load_megabytes=3)


@pytest.fixture(scope="session")
def tables_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state folder."""
    return tmp_path_factory.mktemp("tables")


@pytest.fixture(scope="session")
def tables_url(tables_home: Path, users_hub: HubService, limits: UserTableLimits, serve: Serve) -> Iterator[str]:
    """The TAP service."""
    small = RequestLimits(megabytes=1)
    one = QueryLimits(workers=1, seconds=20)
    settings = Settings(home=tables_home, network=False, user_tables=limits, requests=small, queries=one)
    with serve(create_app(settings, hub=users_hub)) as url:
        yield f"{url}/services/portal/tap"


@pytest.fixture(autouse=True, scope="session")
def _uploads_of_pyvo() -> None:
    pyvo.utils.activate_features("cadc-tb-upload")


@pytest.fixture
def tycho(tables_url: str) -> Iterator[Client]:
    """The service as Tycho sees it; his tables and others' are gone at the end."""
    client = Client(tables_url, "tycho")
    yield client
    for name in GROUPS.keys() - {"ole"}:
        each = client.of(name)
        for table in each.names():
            each.ask("DELETE", f"/tables/{table}")


@pytest.fixture(scope="session")
def ole(tables_url: str) -> Client:
    """The service as Ole sees it, who has a table of three rows in which names are unique; it stays as it is."""
    client = Client(tables_url, "ole")
    client.make("ole.stars")
    client.load("ole.stars")
    client.tap.create_index("ole.stars", "name", unique=True)
    return client


@pytest.fixture
def at_once() -> Callable[[list[Callable[[], int]]], list[int]]:
    """Calls functions at the same time."""

    def called(functions: list[Callable[[], int]]) -> list[int]:
        with ThreadPoolExecutor(len(functions)) as threads:
            return [each.result() for each in [threads.submit(function) for function in functions]]

    return called
