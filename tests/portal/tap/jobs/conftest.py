"""A portal whose users are named by a header, as clients of its asynchronous queries see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from fastapi import Request
from httpx import Response
from starlette.testclient import TestClient

from uraniborg_portal.identity.dependencies import optional_user
from uraniborg_portal.identity.models import User
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import AsyncLimits, QueryLimits, Settings

if TYPE_CHECKING:
    from uraniborg_portal.context import ProcessContext

BASE = "http://testserver/services/portal/tap/async"
UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"


@dataclass(frozen=True)
class Service:
    """`tap/async`, as one user (or nobody) sees it."""

    client: TestClient
    user: str = ""

    @property
    def context(self) -> ProcessContext:
        """What the portal's process holds."""
        app: Any = self.client.app
        found: ProcessContext = app.state.context
        return found

    def of(self, user: str) -> Service:
        """The same service, seen by somebody else."""
        return Service(self.client, user)

    def ask(self, method: str, path: str = "", **given: str) -> Response:
        """The answer to a request, redirects not followed; `_` in a name is none of its own."""
        headers = {"x-user": self.user} if self.user else {}
        how = {"data": given} if method == "POST" else {"params": given}
        return self.client.request(method, f"{BASE}{path}", headers=headers, follow_redirects=False, **how)

    def send(self, path: str, files: dict[str, bytes], **given: str) -> Response:
        """The answer to a POST with files."""
        headers, url = {"x-user": self.user}, f"{BASE}{path}"
        return self.client.post(url, headers=headers, files=files, data=given, follow_redirects=False)

    def make(self, query: str, **given: str) -> str:
        """The path of a new query."""
        answer = self.ask("POST", **{"LANG": "ADQL", "QUERY": query, **given})
        assert answer.status_code == 303, answer.text
        found = re.fullmatch(rf"{BASE}(/[0-9a-f]{{32}})", answer.headers["location"])
        assert found, answer.headers
        return found[1]

    def run(self, query: str, **given: str) -> str:
        """The path of a query that has ended."""
        path = self.make(query, PHASE="RUN", **given)
        self.ended(path)
        return path

    def ended(self, path: str) -> str:
        """The phase of a query once it has ended."""
        while (phase := self.phase(path)) in ("PENDING", "QUEUED", "EXECUTING"):
            self.ask("GET", path, WAIT="10", PHASE=phase)
        return phase

    def reached(self, path: str, phase: str) -> None:
        """Wait until a query has reached a phase."""
        while (now := self.phase(path)) != phase:
            assert now in ("PENDING", "QUEUED", "EXECUTING"), now
            self.ask("GET", path, WAIT="10", PHASE=now)

    def phase(self, path: str) -> str:
        """The phase of a query."""
        return self.ask("GET", f"{path}/phase").text

    def text(self, path: str, name: str) -> str | None:
        """The text of an element of a query's document, None where it is nil."""
        found = ET.fromstring(self.ask("GET", path).content).find(f"{UWS}{name}")
        assert found is not None, name
        return found.text

    def listed(self, **given: str) -> list[str]:
        """The paths of the queries that are listed."""
        answer = self.ask("GET", **given)
        assert answer.status_code == 200, answer.text
        return [f"/{each.get('id')}" for each in ET.fromstring(answer.content)]


Open = Callable[..., AbstractContextManager[Service]]


@pytest.fixture(scope="session")
def opened(by_header: Callable[[Request], User | None]) -> Open:
    """Give a function that opens a service on a state folder, with limits on its queries and its asynchronous ones."""

    @contextmanager
    def make(home: Path, queries: QueryLimits | None = None, **limits: float) -> Iterator[Service]:
        slow = AsyncLimits.model_validate(limits)
        app = create_app(Settings(home=home, network=False, queries=queries or QueryLimits(), async_queries=slow))
        app.dependency_overrides[optional_user] = by_header
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Service(client, "tycho")

    return make


@pytest.fixture(scope="session")
def service(opened: Open, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the tests that only use it, seen by a user."""
    with opened(tmp_path_factory.mktemp("tap")) as made:
        yield made
