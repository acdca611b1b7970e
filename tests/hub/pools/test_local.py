"""Pools as processes of this machine, without the HTTP around them."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from uraniborg_hub.pools.errors import PoolFailed
from uraniborg_hub.pools.local import LocalBackend, variables
from uraniborg_hub.pools.models import PoolSpec

SPEC = PoolSpec(
    name="tycho-abc", owner="tycho", workers=1, threads=1, memory=2**29, dashboard_path="/tycho-abc", idle_seconds=60
)


def test_secrets_of_the_broker_are_not_passed_on() -> None:
    broker = {"PATH": "/bin", "HOME": "/home/t", "JUPYTERHUB_API_TOKEN": "secret", "CONFIGPROXY_AUTH_TOKEN": "secret"}
    given = variables(broker, {"MY": "1"})
    assert "secret" not in given.values()
    assert (given["PATH"], given["MY"], given["OMP_NUM_THREADS"]) == ("/bin", "1", "1")


async def test_a_pool_starts_in_its_owner_s_folder_and_leaves_nothing(tmp_path: Path) -> None:
    home = tmp_path / "labs" / "tycho"
    home.mkdir(parents=True)
    others = set(psutil.Process().children(recursive=True))
    backend = LocalBackend(tmp_path, variables(os.environ, {}))
    pool = await backend.start(SPEC)
    access = await pool.access()
    assert pool.ready == 1 and access.scheduler.startswith("tls://127.0.0.1:")
    assert access.credentials.key.startswith("-----BEGIN PRIVATE KEY-----")
    children = set(psutil.Process().children(recursive=True)) - others
    below = {each for each in children if each.status() != psutil.STATUS_ZOMBIE}
    assert str(home) in {each.cwd() for each in below}
    assert all(access.credentials.key not in " ".join(each.cmdline()) for each in below)
    await backend.close()
    await pool.stop()
    assert not psutil.wait_procs(below, timeout=1)[1]
    assert list((tmp_path / "pools").iterdir()) == []
    assert await pool.ended() == "Its scheduler was shut down by a client."


async def test_a_pool_whose_process_is_killed_has_broken_down(tmp_path: Path) -> None:
    backend = LocalBackend(tmp_path, variables(os.environ, {}))
    pool = await backend.start(SPEC)
    await pool.access()
    for each in psutil.Process().children(recursive=True):
        if "uraniborg_hub.pools.talk" in each.cmdline() and "tether.py" not in " ".join(each.cmdline()):
            each.kill()
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
