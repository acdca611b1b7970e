"""Pools as processes of this machine, without the HTTP around them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from distributed import Client, Security

from uraniborg_hub.pools.backend import RunningPool
from uraniborg_hub.pools.errors import PoolFailed, Unavailable
from uraniborg_hub.pools.figures import Figures
from uraniborg_hub.pools.local import LocalBackend, variables
from uraniborg_hub.pools.models import Access, PoolSpec

SPEC = PoolSpec(
    name="tycho-abc", owner="tycho", workers=1, threads=1, memory=2**29, dashboard_path="/tycho-abc", idle_seconds=60
)


def living() -> dict[psutil.Process, tuple[str, str]]:
    """Descendants of this process that have not ended, with folder and command line; some end as they are looked at."""
    found = {}
    for each in psutil.Process().children(recursive=True):
        # A process that is over but not yet looked after by its parent is one that is gone, too.
        with contextlib.suppress(psutil.NoSuchProcess):
            found[each] = (each.cwd(), " ".join(each.cmdline()))
    return found


def test_secrets_of_the_broker_are_not_passed_on() -> None:
    broker = {"PATH": "/bin", "HOME": "/home/t", "JUPYTERHUB_API_TOKEN": "secret", "CONFIGPROXY_AUTH_TOKEN": "secret"}
    given = variables(broker, {"MY": "1"})
    assert "secret" not in given.values()
    assert (given["PATH"], given["MY"], given["OMP_NUM_THREADS"]) == ("/bin", "1", "1")


def client(access: Access) -> Client:
    """A client of a pool."""
    pem = access.credentials
    security = Security(require_encryption=True, tls_ca_file=pem.ca, tls_client_cert=pem.cert, tls_client_key=pem.key)
    return Client(access.scheduler, security=security, asynchronous=True)


def waiting_for(path: Path) -> Callable[[], str]:
    """A task that computes until the file is there; made here, so that workers need not import this file."""

    def task() -> str:
        while not path.exists():
            time.sleep(0.05)
        return "done"

    return task


async def until(reached: Callable[[Figures], bool], pool: RunningPool) -> Figures:
    """The pool's figures as soon as they are as wanted."""
    while not reached(figures := await pool.figures()):
        await asyncio.sleep(0.05)
    return figures


async def test_a_pool_starts_in_its_owner_s_folder_and_leaves_nothing(tmp_path: Path) -> None:
    home = tmp_path / "labs" / "tycho"
    home.mkdir(parents=True)
    others = living()
    backend = LocalBackend(tmp_path, variables(os.environ, {}))
    pool = await backend.start(SPEC)
    access = await pool.access()
    assert pool.ready == 1 and access.scheduler.startswith("tls://127.0.0.1:")
    assert access.credentials.key.startswith("-----BEGIN PRIVATE KEY-----")
    below = {process: about for process, about in living().items() if process not in others}
    assert str(home) in {folder for folder, _ in below.values()}
    assert all(access.credentials.key not in command for _, command in below.values())
    await backend.close()
    await pool.stop()
    assert not psutil.wait_procs(list(below), timeout=1)[1]
    assert list((tmp_path / "pools").iterdir()) == []
    assert await pool.ended() == "Its scheduler was shut down by a client."


async def test_a_pool_without_workers_tells_what_its_load_wants_and_follows_it(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path, variables(os.environ, {}))
    pool = await backend.start(replace(SPEC, workers=0))
    with pytest.raises(Unavailable, match="not there yet"):
        await pool.desired()
    access = await pool.access()
    assert (pool.ready, await pool.desired()) == (0, 0)
    async with asyncio.timeout(60), client(access) as dask:
        future = dask.submit(sum, [1, 2])
        while await pool.desired() == 0:
            await asyncio.sleep(0.05)
        await pool.scale(2, idle_only=True)
        assert await future == 3
        await dask.wait_for_workers(2)
        busy = dask.submit(waiting_for(tmp_path / "go"))
        await until(lambda now: now.processing == 1, pool)
        await pool.scale(0, idle_only=True)
        await until(lambda now: len(now.workers) == 1, pool)
        (tmp_path / "go").touch()
        assert await busy == "done" and await future == 3
        figures = await until(lambda now: now.done == 2, pool)
    [worker] = figures.workers
    assert 10_000_000 < worker.memory < worker.limit == 2**29 and worker.threads == 1
    await backend.close()


async def test_a_pool_whose_process_is_killed_has_broken_down(tmp_path: Path) -> None:
    others = living()
    backend = LocalBackend(tmp_path, variables(os.environ, {}))
    pool = await backend.start(SPEC)
    await pool.access()
    for process, (_, command) in living().items():
        if process not in others and "uraniborg_hub.pools.talk" in command and "tether.py" not in command:
            process.kill()
    with pytest.raises(PoolFailed, match="ended with code 137"):
        await pool.ended()
    await backend.close()


async def test_a_pool_that_can_t_start_says_why(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path, variables(os.environ, {"PYTHONHOME": "/nowhere"}))
    pool = await backend.start(SPEC)
    with pytest.raises(PoolFailed, match=r"ended with code \d+; its last words: "):
        await pool.access()
    await backend.close()
    (tmp_path / "file").write_text("")
    with pytest.raises(PoolFailed, match="This machine can't start a pool: Not a directory"):
        await LocalBackend(tmp_path / "file", {}).start(SPEC)


async def test_what_a_killed_broker_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "pools" / "tycho-old").mkdir(parents=True)
    assert await LocalBackend(tmp_path, {}).existing() == []
    assert not (tmp_path / "pools" / "tycho-old").exists()
