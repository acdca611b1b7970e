"""A real hub behind a real proxy, on free ports, with a state folder of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader
from jupyterhub._data import DATA_FILES_PATH
from jupyterhub.utils import url_path_join

import uraniborg_hub
from uraniborg_hub.auth import links
from uraniborg_hub.lab.processes import lab_pids
from uraniborg_hub.laptop import node
from uraniborg_hub.laptop.ports import free_ports

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
SECRETS = {
    "CONFIGPROXY_AUTH_TOKEN": "proxy-secret-3d1f0c",
    "URANIBORG_PORTAL_API_TOKEN": "portal-secret-9a2b7e",
    "URANIBORG_POOLS_API_TOKEN": "pools-secret-55c04d",
}
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


@dataclass(kw_only=True)
class Hub:
    """A hub and its proxy; `start` and `end` act on the hub alone."""

    home: Path
    port: int
    environment: dict[str, str] = field(repr=False)
    proxy_command: list[str]
    process: subprocess.Popen[bytes] | None = None
    proxy: subprocess.Popen[bytes] | None = None
    secrets: Mapping[str, str] = field(default_factory=lambda: SECRETS, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.home / "hub" / "logs" / "hub.log").read_text()

    def start(self) -> None:
        argv = [sys.executable, "-m", "uraniborg_hub.hub", f"--config={ROOT / 'hub' / 'jupyterhub_config.py'}"]
        with (self.home / "hub" / "logs" / "hub.log").open("ab") as log:
            self.process = subprocess.Popen(argv, env=self.environment, cwd=self.home, stdout=log, stderr=log)
        wait_for(f"{self.url}/hub/api/", self.process, self.home / "hub" / "logs" / "hub.log")
        # It answers a moment before it listens to signals.
        deadline = time.monotonic() + START_SECONDS
        while "JupyterHub is now running" not in self.log.rpartition("Running JupyterHub version")[2]:
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def start_proxy(self) -> None:
        with (self.home / "hub" / "logs" / "proxy.log").open("ab") as log:
            self.proxy = subprocess.Popen(self.proxy_command, env=self.environment, stdout=log, stderr=log)

    def end_proxy(self, *, crash: bool = False) -> None:
        assert self.proxy is not None
        self.proxy.kill() if crash else self.proxy.terminate()
        self.proxy.wait(10)

    def end(self, *, crash: bool = False) -> None:
        assert self.process is not None
        self.process.kill() if crash else self.process.terminate()
        self.process.wait(30)

    def browser(self) -> httpx.Client:
        """A browser with its own cookies; follows redirects, and says that it navigates."""
        return httpx.Client(
            base_url=self.url,
            follow_redirects=True,
            timeout=60,
            headers={"Sec-Fetch-Mode": "navigate"},
            trust_env=False,
            verify=False,  # of no use to plain HTTP, and reading all authorities takes longer than most answers
        )

    @staticmethod
    def fields(page: str) -> dict[str, str]:
        """The hidden fields of the page's form."""
        return dict(HIDDEN.findall(page))

    @contextmanager
    def sign_in(self, user: str = "tycho") -> Iterator[httpx.Client]:
        """A browser of this user, signed in by a link."""
        with self.browser() as browser:
            page = browser.get("/hub/link", params={"token": links.issue(self.home, user)})
            browser.post("/hub/link", data=self.fields(page.text), follow_redirects=False)
            yield browser

    def start_lab(self, browser: httpx.Client, user: str = "tycho") -> float:
        """Click through to this user's lab; seconds until the page of JupyterLab is there."""
        began = time.monotonic()
        page = browser.get("/hub/spawn")
        events = browser.get(
            f"/hub/api/users/{user}/server/progress",
            headers={"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""},
        )
        page = browser.get(f"/user/{user}/lab")
        assert page.status_code == 200 and "jupyter-config-data" in page.text, (events.text, page.text)
        return time.monotonic() - began

    def lab_environment(self, user: str) -> dict[str, str]:
        """The environment of this user's lab server."""
        servers = [psutil.Process(pid) for pid in lab_pids(self.home, user)]
        return next(each.environ() for each in servers if "uraniborg_hub.lab.singleuser" in each.cmdline())


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{url}: its process ended with code {process.returncode}\n{log.read_text()[-4000:]}")
        with suppress(httpx.TransportError):
            if httpx.get(url, timeout=5, trust_env=False, verify=False).status_code < 400:
                return
        time.sleep(0.05)
    raise TimeoutError(url)


@contextmanager
def running_hub(home: Path, **settings: str) -> Iterator[Hub]:
    """A proxy and a hub with these environment variables; nothing is left of them or of their labs afterwards."""
    public, api, internal, portal, pools = free_ports(5)
    logs = home / "hub" / "logs"
    logs.mkdir(parents=True)
    environment = {
        **os.environ,
        **SECRETS,
        "URANIBORG_HOME": str(home),
        "URANIBORG_PORT": str(public),
        "URANIBORG_PROXY_API_URL": f"http://127.0.0.1:{api}",
        "URANIBORG_HUB_PORT": str(internal),
        "URANIBORG_PORTAL_SERVICE_URL": f"http://127.0.0.1:{portal}/services/portal/",
        "URANIBORG_POOLS_SERVICE_URL": f"http://127.0.0.1:{pools}/services/pools/",
        **settings,
    }
    argv = [
        str(node.node()),
        str(node.ensure_proxy()),
        "--ip=127.0.0.1",
        f"--port={public}",
        "--api-ip=127.0.0.1",
        f"--api-port={api}",
        f"--default-target=http://127.0.0.1:{internal}",
        f"--error-target=http://127.0.0.1:{internal}/hub/error",
    ]
    hub = Hub(home=home, port=public, environment=environment, proxy_command=argv)
    hub.start_proxy()
    try:
        hub.start()
        yield hub
    finally:
        if hub.process is not None and hub.process.poll() is None:
            hub.end()
        hub.end_proxy()
        for pid in lab_pids(home):
            psutil.Process(pid).kill()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with our defaults: sign-in by link, owner `tycho`."""
    with running_hub(tmp_path_factory.mktemp("platform"), URANIBORG_OWNER="tycho") as running:
        yield running


@pytest.fixture
def start_hub(tmp_path: Path) -> Iterator[Callable[..., Hub]]:
    """Starts a hub with the settings that are passed as environment variables."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running_hub(tmp_path / "home", **settings))


@pytest.fixture(scope="session")
def page() -> Callable[..., str]:
    """Renders a page of the hub by name and values, over JupyterHub's templates as the hub itself puts ours."""
    base = FileSystemLoader([str(Path(DATA_FILES_PATH) / "templates")])
    ours = FileSystemLoader([str(Path(uraniborg_hub.__file__).parent / "templates")])
    loader = ChoiceLoader([ours, PrefixLoader({"templates": base}, "/"), base])
    environment = Environment(loader=loader, autoescape=True)
    common = {
        "base_url": "/hub/",
        "prefix": "/",
        "static_url": lambda path, **_: f"/hub/static/{path}",
        "parsed_scopes": {},
        "services": [],
        "url_path_join": url_path_join,
    }
    return lambda name, **values: environment.get_template(name).render(**common, **values)
