"""A broker beside a real hub and proxy."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest

if TYPE_CHECKING:
    from conftest import Hub

PREFIX = "/services/pools/"


@dataclass(kw_only=True)
class Broker:
    """A broker process, and the users who ask it through the proxy."""

    hub: Hub
    environment: dict[str, str] = field(repr=False)
    process: subprocess.Popen[bytes]
    log: Path
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def url(self) -> str:
        return self.environment["JUPYTERHUB_PUBLIC_URL"]

    def token(self, user: str, scopes: list[str] | None = None) -> str:
        """A token of the user, made as on the hub's token page."""
        key = f"{user} {scopes}"
        if key not in self.tokens:
            with self.hub.sign_in(user) as browser:
                browser.get("/hub/home")
                order = {"note": "tests", **({} if scopes is None else {"scopes": scopes})}
                headers = {"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""}
                answer = browser.post(f"/hub/api/users/{user}/tokens", json=order, headers=headers)
                self.tokens[key] = answer.raise_for_status().json()["token"]
        return self.tokens[key]

    def client(self, user: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token(user)}"} if user else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False, verify=False)

    def ask(
        self, user: str, method: str, path: str, json: object = None, content: bytes | None = None
    ) -> httpx.Response:
        """Ask about pools, with JSON or with bytes that claim to be it."""
        headers = {"Content-Type": "application/json"} if content is not None else {}
        with self.client(user) as client:
            return client.request(method, f"api/pools{path}", json=json, content=content, headers=headers)

    def make(self, user: str = "tycho", **size: object) -> dict[str, Any]:
        """A pool of this user that runs."""
        answer = self.ask(user, "POST", "", json=size or {"workers": 1})
        assert answer.status_code == 201, answer.text
        return self.until(user, answer.json()["name"], lambda pool: pool["state"] != "starting")

    def until(self, user: str, name: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The pool as soon as it is as wanted."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            pool: dict[str, Any] = self.ask(user, "GET", f"/{name}?wait=0.2").raise_for_status().json()
            if reached(pool):
                return pool
        raise TimeoutError(f"{name}: {pool}\n{self.log.read_text()}")

    def figures(self, user: str, name: str, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """What the pool does now, as soon as its numbers are as wanted."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            now: dict[str, Any] = self.ask(user, "GET", f"/{name}/figures").raise_for_status().json()
            if now["figures"] and reached(now["figures"]):
                return now
            time.sleep(0.05)
        raise TimeoutError(f"{name}: {now}\n{self.log.read_text()}")

    def gone(self, user: str, name: str) -> dict[str, Any]:
        """Wait until the pool has ended; what the broker says about it."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            answer = self.ask(user, "GET", f"/{name}?wait=0.2")
            if answer.status_code == 404:
                return dict(answer.json())
        raise TimeoutError(name)

    def children(self) -> list[psutil.Process]:
        """Every process below the broker."""
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def running_broker(hub: Hub, **settings: str) -> Iterator[Broker]:
    environment = {
        **os.environ,
        "URANIBORG_HOME": str(hub.home),
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.environment['URANIBORG_HUB_PORT']}/hub/api",
        "JUPYTERHUB_API_TOKEN": hub.environment["URANIBORG_POOLS_API_TOKEN"],
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_URL": hub.environment["URANIBORG_POOLS_SERVICE_URL"],
        "JUPYTERHUB_CLIENT_ID": "service-pools",
        "JUPYTERHUB_PUBLIC_URL": f"{hub.url}{PREFIX}",
        "JUPYTERHUB_PUBLIC_HUB_URL": f"{hub.url}/hub/",
        **settings,
    }
    path = hub.home / "hub" / "logs" / "pools.log"
    with path.open("ab") as log:
        argv = [sys.executable, "-m", "uraniborg_hub.pools"]
        process = subprocess.Popen(argv, env=environment, stdout=log, stderr=log)
    broker = Broker(hub=hub, environment=environment, process=process, log=path)
    try:
        deadline = time.monotonic() + 30
        with httpx.Client(trust_env=False, verify=False) as client:
            while True:
                assert process.poll() is None and time.monotonic() < deadline, path.read_text()
                try:
                    if client.get(f"{environment['JUPYTERHUB_SERVICE_URL']}api/health").is_success:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)
        yield broker
    finally:
        below = broker.children() if process.poll() is None else []
        process.terminate()
        process.wait(30)
        _, left = psutil.wait_procs(below, timeout=5)
        for each in left:
            each.kill()
        assert not left, left


@pytest.fixture(scope="module")
def broker(hub: Hub) -> Iterator[Broker]:
    """A broker with limits that a test reaches soon."""
    settings = {
        "URANIBORG_POOLS__WORKERS_PER_USER": "4",
        "URANIBORG_POOLS__WORKERS": "6",
        "URANIBORG_POOLS__LAB_SECONDS": "0.5",
        "URANIBORG_POOLS__TOKEN_SECONDS": "2",
    }
    with running_broker(hub, **settings) as running:
        yield running


@pytest.fixture
def tidy(broker: Broker) -> Iterator[None]:
    """Ends every pool after a test."""
    yield
    for user in ("tycho", "kepler"):
        for pool in broker.ask(user, "GET", "").json():
            broker.ask(user, "DELETE", f"/{pool['name']}")


@pytest.fixture
def start_broker(hub: Hub, broker: Broker) -> Iterator[Callable[..., Broker]]:
    """Starts another broker at a port of its own, with the settings that are passed as environment variables."""
    with ExitStack() as stack:

        def start(port: int, **settings: str) -> Broker:
            url = f"http://127.0.0.1:{port}{PREFIX}"
            place = {"JUPYTERHUB_SERVICE_URL": url, "JUPYTERHUB_PUBLIC_URL": url}
            other = stack.enter_context(running_broker(hub, **place, **settings))
            other.tokens = broker.tokens
            return other

        yield start


@pytest.fixture
def unused_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
