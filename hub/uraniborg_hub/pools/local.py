"""Pools as processes of this machine: each a process group of its own below a tether that leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from uraniborg_hub.pools import tether
from uraniborg_hub.pools.backend import IDLE, SHUT_DOWN, RunningPool
from uraniborg_hub.pools.errors import PoolFailed, Unavailable
from uraniborg_hub.pools.figures import Figures, look
from uraniborg_hub.pools.models import Access, Credentials, PoolSpec

log = logging.getLogger(__name__)

PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "URANIBORG_DATA_MIRROR")
"""Variables of the broker that workers get: code of users runs there, so its own token is not among them."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Numerical libraries get one thread in each of a worker's threads, as Dask's own start of workers has it."""
REASONS = {"idle": IDLE, "closed": SHUT_DOWN}
GRACE = 3
"""Seconds that a pool gets to end in good order before it is killed."""


def variables(broker: Mapping[str, str], besides: Mapping[str, str]) -> dict[str, str]:
    """Give the environment of a pool's processes."""
    passed = {name: broker[name] for name in PASSED_ON if name in broker}
    return {**dict.fromkeys(THREADS, "1"), **passed, "PYTHONUNBUFFERED": "1", **besides}


def command() -> tuple[str, ...]:
    """Give the command of a pool: the tether, which needs no packages, and below it the cluster."""
    cluster = (sys.executable, "-P", "-m", "uraniborg_hub.pools.talk")
    return (sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *cluster)


class LocalPool:
    """One pool: its process, what it said last, and its temporary folder."""

    def __init__(self, process: Process, folder: Path, spec: PoolSpec, client: httpx.AsyncClient) -> None:
        self.ready = 0
        self.waiting = ""
        self._process = process
        self._folder = folder
        self._needs_worker = spec.workers > 0
        self._path = spec.dashboard_path
        self._client = client
        self._log: deque[str] = deque(maxlen=20)
        self._running: dict[str, Any] = {}
        self._reason: str | None = None
        self._up = asyncio.Event()
        self._readers = (asyncio.create_task(self._listen()), asyncio.create_task(self._keep_log()))

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.returncode is None

    async def access(self) -> Access:
        """Wait for the first worker, if it is to have one."""
        end = asyncio.create_task(self._process.wait())
        up = asyncio.create_task(self._up.wait())
        try:
            await asyncio.wait((end, up), return_when=asyncio.FIRST_COMPLETED)
        finally:
            end.cancel()
            up.cancel()
        if not self._up.is_set():
            raise PoolFailed(await self._breakdown())
        return Access(
            scheduler=self._running["scheduler"],
            dashboard=self._running["dashboard"],
            credentials=Credentials(**self._running["credentials"]),
        )

    async def ended(self) -> str:
        """Wait for the end of the process; without a reason of its own it has broken down."""
        await self._process.wait()
        await self._readers[0]
        if self._reason is None:
            raise PoolFailed(await self._breakdown())
        return REASONS.get(self._reason, self._reason)

    async def scale(self, workers: int, *, idle_only: bool = False) -> None:
        """Pass the number on."""
        pipe = self._process.stdin
        if pipe is not None and not pipe.is_closing():
            pipe.write(_line({"scale": workers, "idle_only": idle_only}))

    async def desired(self) -> int:
        """Ask the scheduler over HTTP."""
        return (await self.figures()).desired

    async def figures(self) -> Figures:
        """Ask the scheduler over HTTP."""
        if not self._running:
            raise Unavailable("The pool's scheduler is not there yet.", "Look again in a moment.")
        return await look(self._client, f"{self._running['dashboard']}{self._path}")

    async def keep(self, spec: PoolSpec) -> None:
        """Note nothing: it ends with its broker."""

    async def stop(self) -> None:
        """Close the talk, so that the pool ends; kill it when it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), GRACE)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()
        await asyncio.gather(*self._readers)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _listen(self) -> None:
        stream = self._process.stdout
        while stream is not None and (line := await stream.readline()):
            message = json.loads(line)
            self._running = message.get("running", self._running)
            self._reason = message.get("ended", self._reason)
            self.ready = message.get("ready", self.ready)
            if self.ready or (self._running and not self._needs_worker):
                self._up.set()

    async def _keep_log(self) -> None:
        stream = self._process.stderr
        while stream is not None and (chunk := await stream.read(65_536)):
            for line in chunk.decode(errors="replace").splitlines():
                self._log.append(line)
                log.info("%s: %s", self._folder.name, line)

    async def _breakdown(self) -> str:
        code = await self._process.wait()
        await asyncio.gather(*self._readers)
        last = next((line.strip() for line in reversed(self._log) if line.strip()), "it said nothing")
        return f"The pool's process ended with code {code}; its last words: {last[:300]}"


def _line(message: Mapping[str, object]) -> bytes:
    return f"{json.dumps(message)}\n".encode()


class LocalBackend:
    """Makes pools on this machine.

    Parameters
    ----------
    home
        The state folder: temporary files go below `pools`, workers start in `labs/<owner>` where it exists.
    environment
        Every variable of the pools' processes.
    """

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self._home = home
        self._environment = environment
        self._pools: list[LocalPool] = []
        self._client = httpx.AsyncClient(trust_env=False, timeout=10)

    async def start(self, spec: PoolSpec) -> RunningPool:
        """Start the process of a pool; its order goes through a pipe, since it leads to a key."""
        folder = self._home / "pools" / spec.name
        try:
            folder.mkdir(parents=True, mode=0o700)
            process = await asyncio.create_subprocess_exec(
                *command(),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=self._environment,
                cwd=self._start_folder(spec.owner) or folder,
                start_new_session=True,
            )
        except OSError as error:
            raise PoolFailed(f"This machine can't start a pool: {error.strerror or error}.") from error
        pool = LocalPool(process, folder, spec, self._client)
        self._pools = [*(other for other in self._pools if other.alive), pool]
        if process.stdin is not None:
            process.stdin.write(_line(order(spec, folder)))
        return pool

    async def existing(self) -> list[tuple[PoolSpec, RunningPool]]:
        """Give none: processes die with their broker. Folders that a killed broker left are removed."""
        for folder in (self._home / "pools").glob("*/"):
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return []

    async def close(self) -> None:
        """End every pool."""
        await asyncio.gather(*(pool.stop() for pool in self._pools))
        await self._client.aclose()

    def _start_folder(self, owner: str) -> Path | None:
        labs = self._home / "labs"
        folder = labs / owner
        return folder if folder.parent == labs and owner not in (".", "..") and folder.is_dir() else None


def order(spec: PoolSpec, folder: Path) -> dict[str, object]:
    """Give the order that the pool's process reads first."""
    return {
        "workers": spec.workers,
        "threads": spec.threads,
        "memory": spec.memory,
        "dashboard_path": spec.dashboard_path,
        "idle_seconds": spec.idle_seconds,
        "folder": str(folder),
    }
