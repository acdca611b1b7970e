"""A portal of its own for the library's tests: a real process, the real samples, anonymous reading."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import uraniborg
from uraniborg._portal import Portal


def start_portal(home: Path) -> tuple[subprocess.Popen[str], str]:
    """Run `uraniborg serve` on a free port and give the process and its address, once it says that it listens."""
    hub = ("JUPYTERHUB_", "URANIBORG_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(hub)}
    argv = [sys.executable, "-m", "uraniborg.cli", "serve", "--port", "0", "--host", "127.0.0.1"]
    environment = {**clean, "URANIBORG_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://\S+", line)
        if found:
            return process, found.group()
    raise AssertionError(f"The portal ended with {process.wait()}.")


def wait_for_samples(portal: Portal) -> None:
    """Return when the samples are installed, which a first start does beside answering."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if {"hipparcos", "openngc"} <= {entry["name"] for entry in portal.get("api/catalogs")}:
                return
        except uraniborg.UraniborgError as error:
            assert error.code == "unavailable", error
    raise AssertionError("The samples were not installed within a minute.")


@pytest.fixture(scope="session")
def portal_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running portal without a hub."""
    process, url = start_portal(tmp_path_factory.mktemp("portal-home"))
    wait_for_samples(Portal(url))
    yield url
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def portal(portal_url: str) -> Portal:
    """The library's connection to that portal, as a user makes it."""
    return uraniborg.connect(portal_url)
