"""What a pool does now, in numbers: read from a page of its scheduler (`scheduler_route`).

The scheduler runs code of the pool's owner, so whatever it answers is bounded, and what is no number counts as 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from uraniborg_hub.pools.errors import Unavailable
from uraniborg_hub.pools.models import FIGURES_PAGE

LARGEST = 2**20
"""Bytes of one answer of a scheduler: a thousand workers need a fifth of it."""
LONGEST_NAME = 60
COUNTS = ("desired", "done", "processing", "waiting", "failed")


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
    return WorkerFigures(
        name=str(told.get("name"))[:LONGEST_NAME],
        memory=int(number(told.get("memory"))),
        limit=int(number(told.get("limit"))),
        cpu=number(told.get("cpu")),
        threads=int(number(told.get("threads"))),
        tasks=int(number(told.get("tasks"))),
    )


def read(answer: object) -> Figures:
    """Give the figures from whatever a scheduler answers."""
    told = answer if isinstance(answer, Mapping) else {}
    listed = told.get("workers")
    workers = [read_worker(each) for each in (listed if isinstance(listed, list) else ()) if isinstance(each, Mapping)]
    return Figures(
        workers=tuple(sorted(workers, key=lambda worker: (len(worker.name), worker.name))),
        **{name: int(number(told.get(name))) for name in COUNTS},
    )


async def look(client: httpx.AsyncClient, base: str) -> Figures:
    """Ask the scheduler whose pages are below `base`.

    Raises
    ------
    Unavailable
        It does not answer now, or not as a scheduler does.
    """
    try:
        return read(json.loads(await _answer(client, f"{base}/{FIGURES_PAGE}")))
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
