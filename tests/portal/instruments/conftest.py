"""A portal whose users are named by a header, with a second instrument."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from httpx import Response
from starlette.testclient import TestClient

from uraniborg_portal.identity.dependencies import optional_user
from uraniborg_portal.identity.models import User
from uraniborg_portal.main import create_app
from uraniborg_portal.samples import manifest
from uraniborg_portal.samples.install import forget
from uraniborg_portal.settings import JobLimits, Settings

PREFIX = "http://testserver/services/portal/"


@dataclass(frozen=True)
class Portal:
    """A running portal as its users see it."""

    client: TestClient
    home: Path

    def other(self, client: TestClient) -> Portal:
        """Another portal, seen in the same way."""
        return Portal(client, Path())

    def post(self, path: str, content: object = None, user: str = "tycho") -> Response:
        """The answer to a POST with JSON."""
        return self.client.post(f"{PREFIX}api/{path}", json=content, headers={"x-user": user})

    def get(self, path: str, user: str = "tycho", **headers: str) -> Response:
        """The answer to a GET."""
        return self.client.get(f"{PREFIX}api/{path}", headers={"x-user": user, **headers})

    def start(self, instrument: str, user: str = "tycho", **parameters: object) -> dict[str, Any]:
        """A job, started."""
        answer = self.post(f"instruments/{instrument}/jobs", parameters, user)
        assert answer.status_code == 202, answer.text
        started: dict[str, Any] = answer.json()
        return started

    def events(self, job: str, last: int = 0, after: int = 0) -> list[tuple[int, str, dict[str, Any]]]:
        """Every event of a job until its end, after the `last` of a header and of `after`: number, kind, data."""
        text = self.get(f"jobs/{job}/events?after={after}", **{"last-event-id": str(last)}).text
        blocks = [
            dict(line.split(": ", 1) for line in each.splitlines()) for each in text.split("\r\n\r\n") if "id: " in each
        ]
        return [(int(each["id"]), each["event"], json.loads(each["data"])) for each in blocks]

    def finish(self, instrument: str, user: str = "tycho", **parameters: object) -> dict[str, Any]:
        """A job, ended."""
        job = self.start(instrument, user, **parameters)["id"]
        self.events(job)
        ended: dict[str, Any] = self.get(f"jobs/{job}", user).json()
        return ended


def without_catalogs(folder: Path) -> None:
    """Keep a portal from installing the samples, which takes as long as the rest of its start; no job reads one."""
    folder.mkdir(parents=True, exist_ok=True)
    for _, entry in manifest.catalogs():
        forget(entry.name, folder)


@pytest.fixture(scope="session")
def open_portal(sundial: None, by_header: Callable[[Request], User | None]) -> Callable[..., Any]:
    """Give a function that gives a portal on a state folder, with limits on its jobs."""

    def make(home: Path, **limits: float) -> TestClient:
        settings = Settings(home=home, network=False, jobs=JobLimits(**limits))
        without_catalogs(settings.state / "catalogs")
        app = create_app(settings)
        app.dependency_overrides[optional_user] = by_header
        return TestClient(app, raise_server_exceptions=False)

    return make


@pytest.fixture(scope="session")
def observatory(open_portal: Callable[..., TestClient], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for the tests that only use it."""
    home = tmp_path_factory.mktemp("observatory")
    with open_portal(home, per_user=3) as client:
        yield Portal(client, home)
