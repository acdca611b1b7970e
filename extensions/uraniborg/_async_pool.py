"""A pool for code that awaits, with the manners of Dask's own asynchronous clusters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any, NoReturn, Self

from uraniborg._pool import Pool


class AsyncPool(Pool):
    """What `Pool(..., asynchronous=True)` gives: nothing is asked of the platform until it is awaited.

    Then what changes it or waits is awaited, and leaves the loop free; `look`, `workers` and showing it are not.
    """

    _starting: asyncio.Task[None] | None = None

    def __await__(self) -> Generator[Any, None, Self]:
        """Give it once its first worker answers; raises what `Pool` does."""
        return self._started().__await__()

    async def __aenter__(self) -> Self:
        """Start it for an `async with` block, at whose end it is closed."""
        return await self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    def __enter__(self) -> NoReturn:
        """Refuse a `with` block, which could not wait for it."""
        raise TypeError("A pool with asynchronous=True is used with 'async with'.")

    async def wait_for_workers(self, n_workers: int | None = None, timeout: float | None = None) -> None:
        """Do as `Pool.wait_for_workers`."""
        client: Any = self.client
        wanted = (await asyncio.to_thread(self._latest))["workers"] if n_workers is None else n_workers
        if wanted or n_workers is not None:
            await client.wait_for_workers(wanted, timeout)

    async def close(self) -> None:
        """End the pool and all its workers; closing twice does nothing more."""
        client: Any = self._client
        if client is not None:
            await client.close()
        await asyncio.to_thread(self._end)

    def _ipython_display_(self) -> None:
        """Show it in a line: the live view speaks with pools that don't have to be awaited."""
        raise NotImplementedError

    async def _started(self) -> Self:
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._start())
        await self._starting
        return self

    async def _start(self) -> None:
        ordering = asyncio.ensure_future(asyncio.to_thread(self._order))
        try:
            await asyncio.shield(ordering)
            await asyncio.to_thread(self._wait)
            self._client = self._connect(asynchronous=True)
            await self._client
        except BaseException:
            # What the platform makes has a name only once it has answered; without that nobody could end it.
            await asyncio.wait({ordering})
            await self.close()
            raise

    def _end(self) -> None:
        """End it without its client, whose loop may be over."""
        self._client = None
        super()._end()

    async def _done(self, act: Callable[..., None], *given: object) -> None:
        if self._client is None:
            raise self._over()
        await asyncio.to_thread(act, *given)
