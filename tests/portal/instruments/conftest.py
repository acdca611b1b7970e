"""A portal whose users are named by a header, and a second instrument: one file and the entry point that names it."""

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
from uraniborg_portal.instruments.installed import instruments
from uraniborg_portal.main import create_app
from uraniborg_portal.samples import manifest
from uraniborg_portal.samples.install import forget
from uraniborg_portal.settings import JobLimits, Settings

PREFIX = "http://testserver/services/portal/"

SUNDIAL = '''
"""An instrument in one file: it gives the hour, or does what its mood says."""

import os, time
from pathlib import Path
from typing import Literal

from pydantic import Field

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.instruments.models import Fact, Instrument, Product, ProductFile, ProductKind
from uraniborg_portal.instruments.parameters import Number, Parameters


class Hour(Parameters):
    product: Literal["hour"] = Field("hour", title="Product", description="What to make.")
    mood: Literal["good", "slow", "waits", "refuses", "raises", "dies", "hangs", "large"] = Field(
        "good", title="Mood", description="Mood.")
    hour: Number = Field(12.0, title="Hour", description="Hour.", ge=0, le=24)


def run(parameters, inputs, report):
    print("printed by the instrument", flush=True)
    os.system("echo printed by a program below it")
    report.progress(0.5, "Half")
    if parameters.mood == "refuses":
        raise Unavailable("The sun does not shine.", "Wait for the day.")
    if parameters.mood == "raises":
        raise ZeroDivisionError("hour angle")
    if parameters.mood == "dies":
        os.abort()
    if parameters.mood == "hangs":
        time.sleep(600)
    while parameters.mood == "waits" and not Path(os.environ["SUNDIAL_GATE"]).exists():
        time.sleep(0.05)
    if parameters.mood == "slow":
        time.sleep(1)
    from bokeh.plotting import figure

    large = "0" * 2_000_000 if parameters.mood == "large" else ""
    return Product(
        title="Hour",
        summary=(Fact(name="hour", title="Hour", value=parameters.hour, unit="h"),),
        files=(ProductFile(name="hour.txt", media_type="text/plain", description="The hour",
                           write=lambda path: path.write_text(str(parameters.hour) + large)),),
        view=figure(height=100),
    )


INSTRUMENT = Instrument(
    name="sundial", title="Sundial", description="Gives the hour.", version="1", licence="CC0-1.0", citation="none",
    parameters=Hour, products=(ProductKind(name="hour", title="Hour", description="The hour."),),
    form=(("product", "mood", "hour"),), inputs=lambda parameters: (), run=run, picture=Path(__file__),
)
'''


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


def who(request: Request) -> User | None:
    """Name the user by a header, as the hub does by a token."""
    name = request.headers.get("x-user")
    return User(name=name) if name else None


@pytest.fixture(scope="session")
def sundial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Install the second instrument, as `pip` does: a module, and metadata with an entry point."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "sundial.py").write_text(SUNDIAL)
    metadata = folder / "sundial-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sundial\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[uraniborg.instruments]\nsundial = sundial:INSTRUMENT\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", str(folder))
        instruments.cache_clear()
        yield
    instruments.cache_clear()


def without_catalogs(folder: Path) -> None:
    """Keep a portal from installing the samples, which takes as long as the rest of its start; no job reads one."""
    folder.mkdir(parents=True, exist_ok=True)
    for _, entry in manifest.catalogs():
        forget(entry.name, folder)


@pytest.fixture(scope="session")
def open_portal(sundial: None) -> Callable[..., Any]:
    """Give a function that gives a portal on a state folder, with limits on its jobs."""

    def make(home: Path, **limits: float) -> TestClient:
        settings = Settings(home=home, network=False, jobs=JobLimits(**limits))
        without_catalogs(settings.state / "catalogs")
        app = create_app(settings)
        app.dependency_overrides[optional_user] = who
        return TestClient(app, raise_server_exceptions=False)

    return make


@pytest.fixture(scope="session")
def observatory(open_portal: Callable[..., TestClient], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One portal for the tests that only use it."""
    home = tmp_path_factory.mktemp("observatory")
    with open_portal(home, per_user=3) as client:
        yield Portal(client, home)
