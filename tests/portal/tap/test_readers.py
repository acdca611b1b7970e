"""A catalog with readers does not exist for anybody else: not in a query, a list, a page, an error or a hint."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import pyarrow as pa
import pytest
from httpx import Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.responses import Response as Answer
from starlette.routing import Route
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.install import Entry, install
from uraniborg_portal.catalogs.models import Position, Readers
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

PREFIX = "/services/portal/"
SCOPE = "access:services!service=portal"
HIDDEN = "nightwatch"
CALLERS = ("reader", "named", "other", "")
"""One of a group that may read the hidden catalog, one who is named, one who may not, and nobody."""
MAY_READ = CALLERS[:2]
QUERY = "SELECT id, ra, dec FROM nightwatch"


@dataclass
class Hub:
    """A hub whose groups can change; a user's token is the user's name."""

    groups: dict[str, list[str]] = field(
        default_factory=lambda: {"reader": ["staff"], "named": [], "other": ["guests"]}
    )
    up: bool = True

    def app(self) -> Starlette:
        """The part of JupyterHub's API that the portal asks."""
        return Starlette(routes=[Route("/hub/api/user", self.who), Route("/hub/api/users/{name}", self.user)])

    async def who(self, request: Request) -> Answer:
        """Answer `GET /user`."""
        name = request.headers.get("authorization", "").rpartition(" ")[2]
        if name not in self.groups:
            return JSONResponse({"message": "Missing or invalid credentials."}, 403)
        return JSONResponse({"kind": "user", "name": name, "groups": self.groups[name], "scopes": [SCOPE]})

    async def user(self, request: Request) -> Answer:
        """Answer `GET /users/{name}`, to the portal alone."""
        name = request.path_params["name"]
        if not self.up or request.headers.get("authorization") != "token secret":
            return JSONResponse({"message": "Action is not authorized"}, 403)
        if name not in self.groups:
            return JSONResponse({"message": "Not Found"}, 404)
        return JSONResponse({"kind": "user", "name": name, "groups": self.groups[name]})


@dataclass(frozen=True)
class Site:
    """A portal with a public and a hidden catalog, and its hub."""

    client: TestClient
    hub: Hub

    def ask(self, caller: str, method: str, path: str, **how: object) -> Response:
        """The answer to a request."""
        headers = {"authorization": f"token {caller}"} if caller else {}
        return self.client.request(method, path, headers=headers, follow_redirects=False, **how)

    def ended(self, caller: str, path: str) -> str:
        """The phase of an asynchronous query, once it has ended."""
        while (phase := self.ask(caller, "GET", f"{path}/phase").text) in ("QUEUED", "EXECUTING"):
            self.ask(caller, "GET", path, params={"WAIT": "5", "PHASE": phase})
        return phase


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Starlette], AbstractContextManager[str]]
) -> Iterator[Site]:
    home, hub = tmp_path_factory.mktemp("home"), Hub()
    position = Position(ra="ra", dec="dec", epoch=2000.0)
    table = pa.table({"id": [1, 2], "ra": [10.0, 200.0], "dec": [5.0, -30.0]})
    for name, readers in (("nightsky", None), (HIDDEN, Readers(groups=("staff",), users=("named",)))):
        install(
            table, Entry(name=name, title=name.title(), position=position, readers=readers), home / "portal/catalogs"
        )
    with serve(hub.app()) as url:
        service = HubService(
            api_url=f"{url}/hub/api",
            api_token="secret",
            client_id="service-portal",
            service_url=None,
            hub_path="/hub/",
            access_scopes=frozenset({SCOPE}),
        )
        app = create_app(Settings(home=home, network=False), hub=service)
        with TestClient(app, base_url=f"http://testserver{PREFIX}", raise_server_exceptions=False) as client:
            yield Site(client, hub)


SHOWN = {
    "tap/tables": {},
    "tap/tables?detail=min": {},
    "tap/examples": {},
    "api/catalogs": {},
    "": {"headers": "html"},
    "sky?name=M42": {},
    "tap/sync TAP_SCHEMA.tables": {"QUERY": "SELECT table_name FROM TAP_SCHEMA.tables"},
    "tap/sync ivoa.obscore": {"QUERY": "SELECT obs_id, obs_title FROM ivoa.obscore"},
    "tap/sync TAP_SCHEMA.columns": {"QUERY": "SELECT DISTINCT table_name FROM TAP_SCHEMA.columns"},
}
"""What shows all catalogs that one may read."""


@pytest.mark.parametrize("path", SHOWN)
@pytest.mark.parametrize("caller", CALLERS)
def test_lists_hold_what_one_may_read(site: Site, caller: str, path: str) -> None:
    query = SHOWN[path].get("QUERY")
    params = {"QUERY": query, "FORMAT": "csv"} if query else None
    answer = site.ask(caller, "GET", path.partition(" ")[0], params=params)
    assert answer.status_code == 200
    assert "nightsky" in answer.text
    assert (HIDDEN in answer.text) is (caller in MAY_READ)
    assert "staff" not in answer.text


OPENED: dict[str, tuple[str, str, dict[str, object]]] = {
    "sync": ("GET", "tap/sync", {"params": {"QUERY": QUERY}}),
    "sync, no rows": ("GET", "tap/sync", {"params": {"QUERY": QUERY, "MAXREC": "0"}}),
    "count": ("GET", "tap/sync", {"params": {"QUERY": "SELECT COUNT(*) FROM nightwatch"}}),
    "quoted": ("POST", "tap/sync", {"data": {"QUERY": 'SELECT id FROM "nightwatch"'}}),
    "in a subquery": ("GET", "tap/sync", {"params": {"QUERY": "SELECT id FROM (SELECT id FROM nightwatch) AS x"}}),
    "explain": ("GET", "tap/sync", {"params": {"QUERY": QUERY, "EXPLAIN": "1"}}),
    "table": ("GET", f"tap/tables/{HIDDEN}", {}),
    "describe": ("GET", f"api/catalogs/{HIDDEN}", {}),
    "preview": ("GET", f"api/catalogs/{HIDDEN}/preview", {}),
    "page": ("GET", f"catalogs/{HIDDEN}", {}),
    "form": ("POST", "api/queries/form", {"json": {"catalog": HIDDEN}}),
    "check": ("POST", "api/adql/check", {"json": {"adql": QUERY}}),
    "told": ("POST", "api/adql/explain", {"json": {"adql": QUERY}}),
    "query": ("POST", "api/queries", {"json": {"adql": QUERY}}),
}
"""What asks for one catalog."""


@pytest.mark.parametrize("name", OPENED)
@pytest.mark.parametrize("caller", CALLERS)
def test_a_hidden_catalog_is_as_one_that_is_not_there(site: Site, caller: str, name: str) -> None:
    method, path, how = OPENED[name]
    answer = site.ask(caller, method, path, **how)
    if caller in MAY_READ:
        assert answer.status_code in (200, 201), answer.text
        return
    # Of the same length, and as near to the name that one may know.
    absent = "nightwitch"
    other = site.ask(
        caller, method, path.replace(HIDDEN, absent), **json.loads(json.dumps(how).replace(HIDDEN, absent))
    )
    assert answer.status_code == other.status_code and answer.status_code in (400, 404)
    assert answer.text.replace(HIDDEN, absent) == other.text
    assert "nightsky" in answer.text


@pytest.mark.parametrize("caller", CALLERS)
def test_nobody_is_led_to_what_one_may_not_read(site: Site, caller: str) -> None:
    near = "SELECT id FROM nightwatc"
    answers = [
        site.ask(caller, "GET", "tap/sync", params={"QUERY": near}),
        site.ask(caller, "GET", f"tap/tables/{HIDDEN[:-1]}"),
        site.ask(caller, "GET", f"api/catalogs/{HIDDEN[:-1]}"),
        site.ask(caller, "POST", "api/adql/complete", json={"before": "SELECT id FROM night"}),
    ]
    for answer in answers:
        assert bool(re.search(rf"\b{HIDDEN}\b", answer.text)) is (caller in MAY_READ), answer.text
        assert "nightsky" in answer.text or caller in MAY_READ


@pytest.mark.parametrize("caller", CALLERS)
def test_an_asynchronous_query_reads_what_its_owner_may(site: Site, caller: str) -> None:
    made = site.ask(caller, "POST", "tap/async", data={"QUERY": QUERY, "FORMAT": "csv", "PHASE": "RUN"})
    path = made.headers["location"]
    assert site.ended(caller, path) == ("COMPLETED" if caller in MAY_READ else "ERROR")
    if caller in MAY_READ:
        assert site.ask(caller, "GET", f"{path}/results/result").text.count("\n") == 3
    else:
        said = site.ask(caller, "GET", f"{path}/error").text
        assert HIDDEN in said and "nightsky" in said


def test_a_query_runs_with_the_rights_of_when_it_runs(site: Site) -> None:
    made = site.ask("reader", "POST", "tap/async", data={"QUERY": QUERY})
    path = made.headers["location"]
    site.hub.groups["reader"] = []
    site.ask("reader", "POST", f"{path}/phase", data={"PHASE": "RUN"})
    assert site.ended("reader", path) == "ERROR"
    site.hub.groups["reader"] = ["staff"]


def test_a_query_whose_owner_the_hub_does_not_tell_is_not_run(site: Site) -> None:
    site.hub.up = False
    made = site.ask("reader", "POST", "tap/async", data={"QUERY": QUERY, "PHASE": "RUN"})
    assert site.ended("reader", made.headers["location"]) == "ERROR"
    assert "The hub does not answer" in site.ask("reader", "GET", made.headers["location"] + "/error").text
    site.hub.up = True


def test_readers_change_while_the_portal_runs(site: Site) -> None:
    registry: CatalogRegistry = site.client.app.state.context.catalogs
    before = registry.get(HIDDEN).readers
    registry.restrict(HIDDEN, None)
    assert site.ask("", "GET", f"api/catalogs/{HIDDEN}").json()["restricted"] is False
    registry.restrict(HIDDEN, before)
    assert site.ask("", "GET", f"api/catalogs/{HIDDEN}").status_code == 404
    assert site.ask("named", "GET", f"api/catalogs/{HIDDEN}").json()["restricted"] is True
