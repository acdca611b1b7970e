"""What the library's tests share: a portal of its own, and a real JupyterLab with a real Chromium."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import nbformat
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

import uraniborg
from uraniborg._portal import Portal

SCREENSHOTS = Path(__file__).resolve().parents[1] / "browser" / "screenshots"
HARMLESS = ("Unsatisfied version", "[Violation]", "willReadFrequently")
"""Console messages that JupyterLab, Voila or the browser write by themselves."""


KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def start_portal(home: Path, settings: Mapping[str, str] | None = None) -> tuple[subprocess.Popen[str], str]:
    """Run `uraniborg serve`, with more variables, on a free port; give process and address once it listens."""
    hub = ("JUPYTERHUB_", "URANIBORG_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(hub)}
    argv = [sys.executable, "-m", "uraniborg.cli", "serve", "--port", "0", "--host", "127.0.0.1"]
    environment = {**clean, **(settings or {}), "URANIBORG_HOME": str(home), "PYTHONUNBUFFERED": "1"}
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
        time.sleep(0.05)
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


@pytest.fixture
def asking_portal(portal_url: str, tmp_path: Path) -> Iterator[Portal]:
    """The library's connection to another portal, which may ask the first one."""
    settings = {"URANIBORG_REMOTE_TAP__SERVICES": json.dumps({"far": f"{portal_url}tap"})}
    process, url = start_portal(tmp_path, settings)
    wait_for_samples(Portal(url))
    yield uraniborg.connect(url)
    process.terminate()
    process.wait(timeout=20)


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A running Jupyter server without sign-in on loopback."""

    url: str
    folder: Path

    def write(self, name: str, *sources: str) -> Path:
        """Write a notebook with these code cells."""
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        nbformat.write(notebook, self.folder / name)
        return self.folder / name

    def end_kernels(self) -> None:
        """End every kernel, as a restart of the lab does."""
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            client.get("lab").raise_for_status()
            xsrf = {"X-XSRFToken": client.cookies["_xsrf"]}
            for session in client.get("api/sessions").json():
                client.delete(f"api/sessions/{session['id']}", headers=xsrf).raise_for_status()


def serve_lab(folder: Path, portal_url: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start a Jupyter server with JupyterLab and Voila, with this portal in its kernels' environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hub = ("JUPYTERHUB_", "URANIBORG_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(hub)}
    environment = {**clean, "URANIBORG_PORTAL_URL": portal_url, "HOME": str(folder.parent), "JUPYTER_NO_CONFIG": ""}
    argv = [sys.executable, "-m", "jupyterlab", f"--port={port}", "--ServerApp.port_retries=0", "--no-browser"]
    argv += ["--ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", "--allow-root"]
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + 60
    with httpx.Client(trust_env=False, verify=False) as client:
        while time.monotonic() < deadline:
            try:
                client.get(f"{url}api/status").raise_for_status()
            except httpx.HTTPError:
                assert process.poll() is None
                time.sleep(0.05)  # not without a pause: it needs the processor to start
            else:
                return process, url
    raise AssertionError("JupyterLab did not start within a minute.")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, portal_url: str) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    folder.mkdir()
    process, url = serve_lab(folder, portal_url)
    yield Lab(url=url, folder=folder)
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def page(chromium: Browser, lab: Lab) -> Iterator[Page]:
    """A page that fails its test on a console error or a request to another host."""
    wrong: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in HARMLESS):
            wrong.append(message.text)

    def requested(request: Request) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", None, ""}:
            wrong.append(f"request to {request.url}")

    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.on("console", console)
    page.on("request", requested)
    page.set_default_timeout(60_000)
    yield page
    context.close()
    assert not wrong


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], None]:
    """Keep a picture of the page, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return take
