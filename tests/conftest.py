"""What every suite shares: the data mirror beside the checkout, and one running platform a session."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import hypothesis
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from uraniborg_hub.laptop.ports import free_ports
from uraniborg_hub.omissions import leave_out_slow_packages
from uraniborg_portal.errors import Unavailable
from uraniborg_portal.registry.registry import make_registry
from uraniborg_portal.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
MIRROR = ROOT.parent / "shared" / "data"
HARMLESS = ("[Violation]", "willReadFrequently")
"""What Chromium itself says about JupyterLab's own code."""


def pytest_configure() -> None:
    """Import no more than the hub and labs do; read larger data files from the mirror beside the checkout."""
    leave_out_slow_packages()
    # No test is timed: how long an example takes says more of the machine than of the code.
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
    if MIRROR.is_dir():
        os.environ.setdefault("URANIBORG_DATA_MIRROR", str(MIRROR))


def pytest_collection() -> None:
    """Import all test files without a pause of the garbage collector, which finds nothing meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Keep what was imported, half a gigabyte, from the garbage collector: it took a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.enable()


@dataclass(frozen=True, kw_only=True)
class RunningPlatform:
    """A platform that `uraniborg up` started, as its owner sees it."""

    url: str
    """Ends with a slash."""
    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[str]
    output: str
    """What it printed until it was up."""

    def command(self, *arguments: str) -> str:
        """Run a verb of `uraniborg` on this platform and give what it prints."""
        argv = [sys.executable, "-m", "uraniborg.cli", *arguments]
        done = subprocess.run(argv, env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def link(self) -> str:
        """A fresh sign-in link."""
        return self.command("link")

    def sign_in(self) -> httpx.Client:
        """A client whose cookies are the owner's, as a browser's would be."""
        client = httpx.Client(base_url=self.url, follow_redirects=True, timeout=60, trust_env=False, verify=False)
        link = httpx.URL(self.link())
        page = client.get(link).raise_for_status()
        form = {"token": link.params["token"], "_xsrf": client.cookies.get("_xsrf", path="/hub/") or ""}
        client.post(str(page.url.copy_with(query=None)), data=form).raise_for_status()
        return client

    def token(self) -> str:
        """A hub token of the owner."""
        return self.command("token", "--note", "tests")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> str:
        """End the platform as a person or an init system would, and give what it printed."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=60)
        return out


def start_platform(home: Path, settings: Mapping[str, str] | None = None) -> RunningPlatform:
    """Run `uraniborg up`, with more variables, and return when it has printed its link."""
    (port,) = free_ports(1)
    environment = {**os.environ, **(settings or {}), "URANIBORG_HOME": str(home), "URANIBORG_PORT": str(port)}
    environment["PYTHONUNBUFFERED"] = "1"
    argv = [sys.executable, "-m", "uraniborg.cli", "up", "--no-browser"]
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    output = "".join(lines)
    assert "hub/link?token=" in output, output
    url = f"http://127.0.0.1:{port}/"
    return RunningPlatform(url=url, home=home, environment=environment, process=process, output=output)


@pytest.fixture
def launch() -> Iterator[Callable[..., RunningPlatform]]:
    """Start platforms of a test's own; what the test leaves running is ended."""
    started: list[RunningPlatform] = []

    def start(home: Path, settings: Mapping[str, str] | None = None) -> RunningPlatform:
        started.append(start_platform(home, settings))
        return started[-1]

    yield start
    for running in started:
        if running.process.poll() is None:
            running.stop()


@contextmanager
def running_platform(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[RunningPlatform]:
    """A platform that ends with the block."""
    running = start_platform(home, settings)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def platforms() -> Callable[..., AbstractContextManager[RunningPlatform]]:
    """Start platforms on state folders that are kept; each ends with its block."""
    return running_platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """One platform for all tests of the session that only use it."""
    with running_platform(tmp_path_factory.mktemp("platform")) as running:
        yield running


@pytest.fixture(scope="module")
def unused_platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """A platform that nobody but this module's tests has used: a lab opens with what its user had open."""
    with running_platform(tmp_path_factory.mktemp("unused")) as running:
        yield running


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Mapping[str, Path]]:
    """Give data files by name; a test whose files neither sample, mirror nor network has is skipped."""
    registry = make_registry(Settings(home=tmp_path_factory.mktemp("data")))

    def find(*names: str) -> Mapping[str, Path]:
        try:
            return {name: registry.path(name) for name in names}
        except Unavailable as error:
            pytest.skip(f"{error} {error.remedy}")

    return find


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; one for the session, since Playwright's own loop runs in the thread that starts it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        expect.set_options(timeout=60_000)
        yield browser
        browser.close()


@pytest.fixture
def watched(chromium: Browser) -> Callable[..., AbstractContextManager[Page]]:
    """Opens a page in a new browser profile; its block fails on a console error or a request to a foreign host.

    Takes the host, the milliseconds that anything may take, and words of console errors that are none.
    """

    @contextmanager
    def opened(host: str, milliseconds: int = 60_000, *, harmless: tuple[str, ...] = ()) -> Iterator[Page]:
        wrong: list[str] = []

        def said(message: ConsoleMessage) -> None:
            if message.type == "error" and not any(text in message.text for text in (*HARMLESS, *harmless)):
                wrong.append(f"{message.location.get('url', '')}: {message.text}")

        def asked(request: Request) -> None:
            name = urlsplit(request.url).hostname
            if name and name != host and not name.endswith(f".{host}"):
                wrong.append(f"request to {request.url}")

        context = chromium.new_context(viewport={"width": 1400, "height": 950}, accept_downloads=True)
        page = context.new_page()
        page.set_default_timeout(milliseconds)
        page.on("console", said)
        page.on("request", asked)
        page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
        yield page
        context.close()
        assert not wrong

    return opened
