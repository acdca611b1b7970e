"""The HTTP API of a pool's scheduler (distributed.http.scheduler.api), below the path of its dashboard."""

from __future__ import annotations

from typing import Any

import httpx

RETIRE_SECONDS = 300
"""Results on a worker that leaves are moved first; a full one may take so long."""


class Scheduler:
    """One scheduler, asked by the broker alone.

    Every method raises httpx.HTTPError when it does not answer, or not as a scheduler does.
    """

    def __init__(self, client: httpx.AsyncClient, url: str, prefix: str) -> None:
        self.url = url
        self._client = client
        self._base = f"{url}{prefix.rstrip('/')}/api/v1"

    async def workers(self) -> frozenset[str]:
        """Give the names of the workers that have joined."""
        answer = await self._ask("GET", "get_workers", timeout=5)
        return frozenset(str(worker["name"]) for worker in answer.get("workers", ()))

    async def idle_since(self) -> float | None:
        """Give since when nothing was computed, in seconds of the epoch; None while something is."""
        since = (await self._ask("GET", "check_idle", timeout=5)).get("idle_since")
        return float(since) if isinstance(since, int | float) else None

    async def desired(self) -> int:
        """Give how many workers its present load wants; each that computes something is one of them."""
        answer = await self._ask("GET", "adaptive_target", timeout=5)
        number = answer.get("workers")
        if not isinstance(number, int):
            raise httpx.DecodingError("The scheduler's answer has no number of workers.")
        return number

    async def retire(self, number: int) -> tuple[str, ...]:
        """Have so many workers emptied: their results move to those that stay; gives the names of those now empty.

        They may be fewer: a worker whose task waits for other tasks is not taken away.
        """
        answer = await self._ask("POST", "retire_workers", {"n": number}, timeout=RETIRE_SECONDS)
        return tuple(str(worker["name"]) for worker in answer.values())

    async def _ask(
        self, method: str, call: str, content: dict[str, Any] | None = None, *, timeout: float
    ) -> dict[str, Any]:
        answer = await self._client.request(method, f"{self._base}/{call}", json=content, timeout=timeout)
        answer.raise_for_status()
        try:
            parsed = answer.json()
        except ValueError as error:
            raise httpx.DecodingError("The scheduler's answer is not JSON.", request=answer.request) from error
        if not isinstance(parsed, dict):
            raise httpx.DecodingError("The scheduler's answer is not an object.", request=answer.request)
        return parsed
