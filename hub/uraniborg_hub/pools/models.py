"""What a pool is: its size, its state, and what its owner needs to reach it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FIGURES_PAGE = "uraniborg/figures.json"
"""Where a pool's scheduler tells what it does, below its dashboard's path."""


class State(StrEnum):
    """Where a pool is in its life; a pool that has ended is not listed any more."""

    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Between how many workers a pool follows its load."""

    minimum: int
    maximum: int

    def within(self, workers: int) -> int:
        """Give the nearest number that the bounds allow."""
        return max(self.minimum, min(workers, self.maximum))


@dataclass(frozen=True, kw_only=True)
class PoolSpec:
    """What a back end makes: checked against the limits already."""

    name: str
    """Unique, of `[a-z0-9-]`, at most 40 characters, never of one word: safe in a path and as a Kubernetes name."""
    owner: str
    """Hub name of the user."""
    workers: int
    """How many are wanted now."""
    threads: int
    """Threads of each worker."""
    memory: int
    """Bytes of each worker."""
    dashboard_path: str
    """Path below which the dashboard's own links start."""
    idle_seconds: float
    lab: str | None = None
    """The server name of the owner's lab that asked; None when something else did."""
    adapt: Bounds | None = None
    """Set while `workers` follows the load."""
    standing: str | None = None
    """Set where it stands for the jobs of a service, its owner: tells the settings that it was made from."""

    @property
    def reach(self) -> int:
        """How many workers it may come to have: what limits count."""
        return self.workers if self.adapt is None else self.adapt.maximum


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """The pool's own certificate authority, certificate and key, PEM; the only way in."""

    ca: str
    cert: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Access:
    """Where a running pool answers."""

    scheduler: str
    """`tls://host:port`."""
    dashboard: str
    """`http://host:port` as the broker reaches it."""
    credentials: Credentials
