"""Replicas of the portal as processes, on one PostgreSQL, with their files on one S3."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from httpx_sse import connect_sse
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from conftest import S3, PostgreSQL

SCRIPT = Path(__file__).with_name("replica.py")


@dataclass
class Replica:
    """One process, as its users see it."""

    process: subprocess.Popen[str]
    client: httpx.Client
    staging: Path

    def post(self, path: str, content: object = None, user: str = "tycho") -> httpx.Response:
        """The answer to a POST with JSON."""
        return self.client.post(f"api/{path}", json=content, headers={"x-user": user})

    def get(self, path: str, user: str = "tycho", **headers: str) -> httpx.Response:
        """The answer to a GET."""
        return self.client.get(f"api/{path}", headers={"x-user": user, **headers})

    def start(self, user: str = "tycho", **parameters: object) -> dict[str, Any]:
        """A job, started."""
        answer = self.post("instruments/sundial/jobs", parameters, user)
        assert answer.status_code == 202, answer.text
        started: dict[str, Any] = answer.json()
        return started

    def events(self, job: str, user: str = "tycho", after: int = 0) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Events of a job, as they come, until its end: number, kind, data."""
        headers = {"x-user": user, "last-event-id": str(after)}
        with connect_sse(self.client, "GET", f"api/jobs/{job}/events", headers=headers, timeout=60) as source:
            for event in source.iter_sse():
                if event.data:
                    yield int(event.id), event.event, json.loads(event.data)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> int:
        """End the process by a signal."""
        self.process.send_signal(number)
        return self.process.wait(30)

    def workers(self) -> list[int]:
        """Its worker processes."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        found = [int(each) for each in children.read_text().split()] if children.exists() else []
        return [each for each in found if b"instruments.worker" in Path(f"/proc/{each}/cmdline").read_bytes()]


@dataclass
class Site:
    """What replicas share, and how to start one."""

    home: Path
    environment: dict[str, str]
    running: list[Replica] = field(default_factory=list)

    @property
    def gate(self) -> Path:
        """The file that an instrument waits for."""
        return self.home / "gate"

    def launch(self) -> tuple[subprocess.Popen[str], Path]:
        """Start a process with a staging folder of its own; it says its port when it listens."""
        own = self.home / f"replica-{len(list(self.home.glob('replica-*')))}"
        own.mkdir()
        environment = {**os.environ, **self.environment, "URANIBORG_STAGING": str(own)}
        with (own / "log").open("w") as log:
            argv = [sys.executable, str(SCRIPT)]
            return subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=log, text=True), own

    def replica(self, process: subprocess.Popen[str], staging: Path) -> Replica:
        """The replica of a process, once it answers."""
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        url = f"http://127.0.0.1:{port}/services/portal/"
        client = httpx.Client(base_url=url, trust_env=False, timeout=60)
        assert client.get("api/health").json()["status"] == "ok"
        self.running.append(Replica(process, client, staging))
        return self.running[-1]

    def replicas(self, count: int) -> list[Replica]:
        """So many running replicas, started at once where they are missing."""
        alive = [replica for replica in self.running if replica.process.poll() is None]
        launched = [self.launch() for _ in range(count - len(alive))]
        return (alive + [self.replica(*each) for each in launched])[:count]

    def runs(self, job: str) -> Replica:
        """The replica that runs a job: its staging folder has one of the runner's name."""
        database = create_engine(self.environment["URANIBORG_DATABASE"])
        with database.connect() as connection:
            runner = connection.scalar(text("SELECT runner FROM jobs WHERE id = :job"), {"job": job})
        database.dispose()
        return next(each for each in self.running if (each.staging / "jobs" / str(runner)).exists())


@pytest.fixture(scope="module")
def site(sundial: None, postgresql: PostgreSQL, s3: S3, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without replicas yet."""
    home, name = tmp_path_factory.mktemp("site"), f"p{uuid.uuid4().hex}"
    environment = {
        "URANIBORG_HOME": str(home),
        "URANIBORG_NETWORK": "0",
        "URANIBORG_DATABASE": postgresql.database(name),
        "URANIBORG_FILES": s3.bucket(name),
        "URANIBORG_FILES_OPTIONS": json.dumps(s3.options()),
        "URANIBORG_JOBS__LEASE_SECONDS": "8",
        "URANIBORG_ASYNC_QUERIES__LEASE_SECONDS": "8",
        "SUNDIAL_GATE": str(home / "gate"),
    }
    made = Site(home, environment)
    yield made
    for replica in made.running:
        if replica.process.poll() is None:
            replica.kill()
