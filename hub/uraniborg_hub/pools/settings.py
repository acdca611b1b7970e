"""The broker's settings: one typed object, from `[pools]` of `uraniborg.toml` and `URANIBORG_POOLS__*` variables."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
from pydantic import BaseModel, Field

from uraniborg_hub.pools.compute_settings import ComputeSettings
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.settings_sources import PlatformSettings, default_home

MEBIBYTE = 2**20
SMALLEST_MEMORY = 256 * MEBIBYTE
"""Bytes below which a worker can't even import what a lab can."""


def default_workers() -> int:
    """Give one worker for each processor, and four on a small machine."""
    return max(4, os.cpu_count() or 1)


def default_memory() -> int:
    """Give a worker's share of half of this machine's memory, at most 4 GiB, in bytes."""
    share = psutil.virtual_memory().total // 2 // default_workers()
    return max(SMALLEST_MEMORY, min(4096 * MEBIBYTE, share // MEBIBYTE * MEBIBYTE))


class PoolLimits(BaseModel, frozen=True):
    """How much one user's pools may take, and how long they live."""

    pools_per_user: int = Field(2, gt=0)
    """Pools of one user at a time."""
    workers_per_user: int = Field(default_factory=default_workers, gt=0)
    """Workers of one user in all pools together."""
    workers: int = Field(default_factory=lambda: 4 * default_workers(), gt=0)
    """Workers of all users together."""
    threads_per_worker: int = Field(default_factory=lambda: os.cpu_count() or 1, gt=0)
    """Threads of one worker at most."""
    memory_per_worker: int = Field(default_factory=default_memory, ge=SMALLEST_MEMORY)
    """Bytes of memory of one worker: the most that is given, and what a pool gets that asks for nothing."""
    idle_seconds: float = Field(1800, gt=0)
    """A pool with no task for so long is ended, seconds."""
    start_seconds: float = Field(90, gt=0)
    """A pool whose first worker has not come by then has failed, seconds."""
    failed_seconds: float = Field(600, gt=0)
    """A failed pool is shown for so long, seconds."""
    lab_seconds: float = Field(3, gt=0)
    """The hub is asked this often whether the labs of pools' owners still run, seconds."""
    token_seconds: float = Field(30, gt=0)
    """A token that the hub has confirmed is not asked about again for so long, seconds."""
    session_seconds: int = Field(43_200, gt=0)
    """A browser is signed in for at most so long, seconds."""
    environment: dict[str, str] = {}
    """Environment variables that workers get besides the few that the broker passes on; on a cluster, the lab's."""
    kubernetes: ClusterSettings | None = None
    """Where pools are DaskClusters of a Kubernetes cluster; None: processes of this machine."""
    compute: ComputeSettings | None = None
    """The pool that stands for the portal's jobs, on a Kubernetes cluster; None: there is none."""


class Settings(PlatformSettings):
    """Every number and switch of the broker that an operator may change."""

    home: Path = Field(default_factory=default_home)
    """The state folder; pools write temporary files under `home/pools` only."""
    pools: PoolLimits = Field(default_factory=PoolLimits)
