"""What a pool does now, in numbers: read from its scheduler's HTTP pages, which cost it a few milliseconds.

The scheduler runs code of the pool's owner, so whatever it answers is bounded, and what is no number counts as 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from uraniborg_hub.pools.errors import Unavailable

LARGEST = 8 * 2**20
"""Bytes of one answer of a scheduler: a thousand workers need less than two million."""
LONGEST_NAME = 60
DESIRED, TASKS, STATES = "dask_scheduler_desired_workers", "dask_scheduler_tasks", "dask_scheduler_prefix_state_totals"
PROCESSING = frozenset({"processing"})
WAITING = frozenset({"waiting", "queued", "no-worker"})
"""States of tasks that nobody computes yet."""


@dataclass(frozen=True, kw_only=True)
class WorkerFigures:
    """One worker, as its last heartbeat told."""

    name: str
    memory: int
    """Bytes that its process has."""
    limit: int
    """Bytes that it may have."""
    cpu: float
    """Percent of one CPU."""
    threads: int
    tasks: int
    """Computed there now or lined up to be."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A whole pool."""

    workers: tuple[WorkerFigures, ...]
    desired: int
    """Workers that the present load wants."""
    done: int
    """Tasks that ended with a result since the pool began."""
    processing: int
    waiting: int
    failed: int


def number(value: object) -> float:
    """Give a finite number that is not negative; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return max(0, value)


def read_worker(told: Mapping[str, Any]) -> WorkerFigures:
    """Give one worker from the scheduler's own words."""
    metrics = _mapping(told.get("metrics"))
    counts = _mapping(metrics.get("task_counts"))
    return WorkerFigures(
        name=str(told.get("name"))[:LONGEST_NAME],
        memory=int(number(metrics.get("memory"))),
        limit=int(number(told.get("memory_limit"))),
        cpu=number(metrics.get("cpu")),
        threads=int(number(told.get("nthreads"))),
        tasks=sum(int(number(count)) for state, count in counts.items() if state in ("executing", "ready", "fetch")),
    )


def read(identity: object, metrics: str) -> Figures:
    """Give the numbers of a pool from a scheduler's `identity.json` and its metrics.

    Raises
    ------
    ValueError
        The metrics are none.
    """
    workers = [read_worker(_mapping(told)) for told in _mapping(_mapping(identity).get("workers")).values()]
    samples = [
        (family.name, sample.labels.get("state", ""), number(sample.value))
        for family in text_string_to_metric_families(metrics)
        for sample in family.samples
    ]

    def total(family: str, states: Iterable[str]) -> int:
        return int(sum(value for name, state, value in samples if name == family and state in states))

    return Figures(
        workers=tuple(sorted(workers, key=lambda worker: (len(worker.name), worker.name))),
        desired=total(DESIRED, {""}),
        done=total(STATES, {"memory"}),
        processing=total(TASKS, PROCESSING),
        waiting=total(TASKS, WAITING),
        failed=total(TASKS, {"erred"}),
    )


async def look(client: httpx.AsyncClient, base: str) -> Figures:
    """Ask the scheduler whose pages are below `base`.

    Raises
    ------
    Unavailable
        It does not answer now, or not as a scheduler does.
    """
    try:
        identity = await _answer(client, f"{base}/json/identity.json")
        metrics = await _answer(client, f"{base}/metrics")
        return read(json.loads(identity), metrics.decode())
    except (httpx.HTTPError, ValueError, RecursionError) as error:
        raise Unavailable("The pool's scheduler does not answer.", "Look again in a moment.") from error


async def _answer(client: httpx.AsyncClient, url: str) -> bytes:
    body = bytearray()
    async with client.stream("GET", url, timeout=5) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > LARGEST:
                raise ValueError(url)
    return bytes(body)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
