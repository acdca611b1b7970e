"""Starts a lab as a process of this account: own session, clean environment, own folder."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner, SpawnException
from jupyterhub.utils import random_port
from traitlets import Float, Instance, default

from uraniborg_hub import names
from uraniborg_hub.lab import notebooks
from uraniborg_hub.lab.culling.informed import InformedSpawner
from uraniborg_hub.lab.processes import end, lab_pids
from uraniborg_hub.lab.readiness import answers

COMMAND = [sys.executable, "-P", "-m", "uraniborg_hub.lab.singleuser"]
"""`-P`: a file `json.py` in the user's folder must not become the server's `json`."""

KEEP = ["LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "TERM"]
"""Variables of the hub that a lab inherits; all others, secrets among them, stay behind."""


class LabFailed(SpawnException):
    """A lab that did not start; its words are on the page of the click, and again on later ones."""

    def __init__(self, what: str, reason: str) -> None:
        SpawnException.__init__(self, what, reason=reason, status_code=500)
        self.jupyterhub_message = what


class LocalLabSpawner(InformedSpawner, LocalProcessSpawner):
    """A lab per user, in `home/labs/<user>`, as a process of the account that runs the hub.

    The folders keep users' files apart, not users: all labs belong to one account of this machine. A lab outlives a
    crash of the hub, which finds it again by its pid; `stop` ends the lab with all that it started.
    """

    home = Instance(Path, help="The state folder.").tag(config=True)
    stop_seconds = Float(6.0, help="Seconds that a lab gets to end by itself.").tag(config=True)

    @default("cmd")
    def _command(self) -> list[str]:
        return COMMAND

    @default("env_keep")
    def _env_keep_default(self) -> list[str]:
        return KEEP

    @property
    def folder(self) -> Path:
        """The lab's folder."""
        return names.lab(self.home, self.user.name)

    @property
    def log_file(self) -> Path:
        """Where the lab's output goes; started anew with each lab."""
        return names.logs(self.home) / f"lab-{names.folder(self.user.name)}.log"

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Give `env` with the lab's folder as home and our own commands first on the path."""
        commands = Path(sys.prefix) / "bin"
        path = os.pathsep.join([str(commands), os.environ.get("PATH", os.defpath)])
        home = str(self.folder)
        return {
            **env,
            "USER": self.user.name,
            "HOME": home,
            "JUPYTERHUB_ROOT_DIR": home,
            "SHELL": os.environ.get("SHELL", "/bin/sh"),
            "PATH": path,
            "VIRTUAL_ENV": sys.prefix,
        }

    def get_args(self) -> list[str]:
        """Give the server's arguments; it asks to be told where the account that runs all this is root (containers)."""
        return [*LocalProcessSpawner.get_args(self), *(["--allow-root"] if os.geteuid() == 0 else [])]

    async def start(self) -> str:
        """Start the lab and give its private address as soon as it answers.

        Raises
        ------
        LabFailed
            The folder can't be prepared, or the lab ended before it answered.
        """
        await asyncio.to_thread(self._prepare)
        self.port = random_port()
        environment = self.get_env()
        process = self._launch(environment)
        self.proc, self.pid = process, process.pid
        path = f"{environment['JUPYTERHUB_SERVICE_PREFIX']}api"
        if not await answers(self.port, path, lambda: process.poll() is None):
            what = f"The lab ended with code {process.returncode} before it answered. {self._last_words()}"
            raise LabFailed(what, "ended")
        return f"http://127.0.0.1:{self.port}"

    async def poll(self) -> int | None:
        """Give None while the lab runs, otherwise its exit code (0 where the hub that started it is gone)."""
        status: int | None = await LocalProcessSpawner.poll(self)
        if status is None and self.proc is None and self.pid not in await asyncio.to_thread(self._pids):
            # After a restart of the machine the pid may be another program's.
            self.clear_state()
            return 0
        return status

    async def stop(self, now: bool = False) -> None:
        """End the lab with all that it started, within about `stop_seconds`."""
        seconds = 0.5 if now else self.stop_seconds
        await asyncio.to_thread(end, self.home, self.user.name, self.name, seconds)
        await self.poll()

    def _launch(self, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log_file.open("wb") as log:
            return subprocess.Popen(
                [*self.cmd, *self.get_args()],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _pids(self) -> frozenset[int]:
        return lab_pids(self.home, self.user.name, self.name)

    def _prepare(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            notebooks.copy(notebooks.source(), self.folder / "start")
        except OSError as error:
            raise LabFailed(f"The lab's folder {self.folder} can't be prepared: {error.strerror}.", "folder") from error

    def _last_words(self) -> str:
        lines = [line for line in self.log_file.read_text(errors="replace").splitlines() if line.strip()]
        return f"Its log {self.log_file} ends with: {lines[-1].strip()[:200]}" if lines else "It said nothing."


def platform_environment(home: Path, public_url: str, activity: Mapping[str, str]) -> dict[str, Any]:
    """Give the variables that tell a lab which platform it belongs to and where our services are."""
    base = public_url.rstrip("/")
    return {
        names.PLATFORM: str(home),
        "URANIBORG_PORTAL_URL": base + names.service_path(names.PORTAL),
        "URANIBORG_POOLS_URL": base + names.service_path(names.POOLS),
        **activity,
    }
