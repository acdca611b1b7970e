"""A pool of Dask workers next to the data: asked of the platform, used like a Dask client."""

from __future__ import annotations

import atexit
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any

from uraniborg import _connection, _pool_words, _progress
from uraniborg._broker import Broker
from uraniborg._errors import UraniborgError
from uraniborg._portal import Portal

if TYPE_CHECKING:
    from distributed import Client, Security
    from distributed.core import Status

    from uraniborg.widgets._pool import PoolView

WAIT_SECONDS = 5
"""Seconds that the broker may hold an answer back until the pool's state changes."""
OVER = frozenset({"closed", "ended", "failed", "stopping"})
"""States from which no pool comes back."""
NOTHING = {"name": "that is not awaited yet", "state": "created", "workers": 0, "ready": 0, "figures": None}
"""Facts of a pool before the platform is asked for it."""
AGAIN = "Make a new one: ub.Pool(workers=4)."


class Pool:
    """A Dask cluster of your own, with the lab's environment, that ends with the lab or when you close it.

    It is there when this returns: its first worker answers, and the others follow. Everything that a
    `distributed.Client` can do can be done with it (`pool.submit`, `pool.map`, `pool.compute`, ...), it is the default
    client of Dask collections, and `distributed.Client(pool)` gives another client of it. Inside a lab no address and
    no token has to be given. Shown in a notebook, it tells live what it does, and can be scaled and closed there.

    Parameters
    ----------
    workers
        Worker processes; `scale` changes their number. As many as the platform thinks good when left out.
    memory
        Memory of each worker, like `"1GB"` or `"512MiB"`; as much as the platform gives when left out.
    threads
        Threads of each worker.
    adapt
        Instead of `workers`, the fewest and the most: their number then follows the load, as after `adapt`.
    connection
        The platform to ask, from `uraniborg.connect`; the current one when left out.
    asynchronous
        For code that awaits: `async with Pool(asynchronous=True) as pool`, or `pool = await Pool(asynchronous=True)`.
        Then `scale`, `adapt`, `wait_for_workers`, `close` and what the client does are awaited, too.

    Raises
    ------
    UraniborgError
        The platform refuses (its words say what is accepted), the pool could not be started, or Dask isn't installed.
    """

    def __new__(cls, *_: object, asynchronous: bool = False, **__: object) -> Pool:
        """Give a pool, or what will be one once it is awaited."""
        if not asynchronous:
            return super().__new__(cls)
        from uraniborg._async_pool import AsyncPool

        return super().__new__(AsyncPool)

    def __init__(
        self,
        workers: int | None = None,
        memory: str | int | None = None,
        *,
        threads: int = 1,
        adapt: tuple[int, int] | None = None,
        connection: Portal | None = None,
        asynchronous: bool = False,
    ) -> None:
        self._broker = Broker(connection or _connection.current())
        size = {"workers": workers, "memory": memory, "threads": threads, "adapt": adapt and _bounds(*adapt)}
        self._size = {name: value for name, value in size.items() if value is not None}
        self._facts: dict[str, Any] = dict(NOTHING)
        self._client: Client | None = None
        self._settings: Any = None
        if not asynchronous:
            self._order()
            try:
                self._wait()
                self._client = self._connect(asynchronous=False)
            except BaseException:
                self._end()
                raise

    @property
    def name(self) -> str:
        """The pool's name on the platform."""
        return str(self._facts["name"])

    @property
    def client(self) -> Client:
        """The `distributed.Client` of this pool."""
        if self._client is None or self._facts["state"] in OVER:
            raise self._over()
        return self._client

    @property
    def dashboard_link(self) -> str:
        """Address of the pool's dashboard, for a browser that is signed in to the platform."""
        return str(self._facts["dashboard"])

    @property
    def scheduler_address(self) -> str:
        """Address of the scheduler; only who holds `security` can speak with it."""
        return str(self._facts["scheduler"])

    @property
    def security(self) -> Security:
        """The pool's own certificates, as a `distributed.Security`."""
        return _security(self._facts["security"])

    @property
    def status(self) -> Status:
        """Whether it is open, as Dask's clusters say it."""
        from distributed.core import Status

        return Status.closed if self._client is None or self._facts["state"] in OVER else Status.running

    @property
    def workers(self) -> dict[str, dict[str, Any]]:
        """The workers that are there now, by name: bytes of `memory` and `limit`, `cpu` percent, `threads`, `tasks`."""
        figures = self.look()["figures"] or {"workers": []}
        return {worker["name"]: worker for worker in figures["workers"]}

    def scale(self, workers: int) -> Awaitable[None] | None:
        """Have another number of workers from now on; results on those that leave move to those that stay.

        It ends `adapt`.

        Raises
        ------
        UraniborgError
            The platform's limits refuse it; the words say what is accepted.
        """
        return self._done(self._change, {"workers": workers})

    def adapt(self, minimum: int = 0, maximum: int | None = None) -> Awaitable[None] | None:
        """Let the number of workers follow the load: more at once when tasks wait, fewer when some have nothing to do.

        Results are kept, and no worker leaves that computes. `scale` ends it.

        Parameters
        ----------
        minimum, maximum
            The fewest workers and the most, which count against your limits; as many as these leave when left out.

        Raises
        ------
        UraniborgError
            The platform's limits refuse it; the words say what is accepted.
        """
        return self._done(self._follow, minimum, maximum)

    def wait_for_workers(self, n_workers: int | None = None, timeout: float | None = None) -> Awaitable[None] | None:
        """Wait until so many workers answer, all that are wanted when left out; seconds until TimeoutError."""
        return self._done(self._await_workers, n_workers, timeout)

    def get_client(self) -> Client:
        """Give the pool's client, as Dask's clusters do."""
        return self.client

    def look(self) -> dict[str, Any]:
        """Give the platform's facts about the pool now: state, workers, and in `figures` what it does.

        Once it has ended they say why, and nothing is raised.
        """
        return self._latest("/figures") | {"scheduler": None, "security": None}

    def close(self) -> Awaitable[None] | None:
        """End the pool and all its workers; closing twice does nothing more."""
        return self._done(self._end)

    def __enter__(self) -> Pool:
        """Use it in a `with` block, at whose end it is closed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Give what the pool's Dask client has under this name."""
        if name.startswith("_") or self.__dict__.get("_client") is None or name == "loop":
            raise AttributeError(f"'Pool' object has no attribute {name!r}")
        found: Callable[..., Any] = getattr(self.client, name)
        return found

    def __dir__(self) -> list[str]:
        """List the pool's own names and its client's."""
        delegated = [] if self._client is None else [name for name in dir(self._client) if not name.startswith("_")]
        return sorted({*super().__dir__(), *delegated})

    def __repr__(self) -> str:
        """Give name, workers, load and dashboard."""
        return _pool_words.text(self.look())

    def _repr_html_(self) -> str:
        return _pool_words.html(self.look())

    def _repr_mimebundle_(self, **choices: object) -> dict[str, Any]:
        facts = self.look()
        return {"text/plain": _pool_words.text(facts), "text/html": _pool_words.html(facts)}

    def _ipython_display_(self) -> None:
        """Show it live where a notebook can, in a line elsewhere."""
        if not _progress.in_notebook():
            raise NotImplementedError  # IPython takes the other forms then
        self._view.show()

    @cached_property
    def _view(self) -> PoolView:
        from uraniborg.widgets._pool import PoolView

        return PoolView(self)

    def _done(self, act: Callable[..., None], *given: object) -> Awaitable[None] | None:
        """Do what a public method promises, now or once it is awaited."""
        act(*given)
        return None

    def _change(self, wish: Mapping[str, object]) -> None:
        self._facts |= self._broker.ask("PATCH", self.name, wish)

    def _follow(self, minimum: int, maximum: int | None) -> None:
        most = self._broker.ask("GET", f"{self.name}/figures")["room"] if maximum is None else maximum
        self._change({"adapt": _bounds(minimum, most)})

    def _await_workers(self, n_workers: int | None, timeout: float | None) -> None:
        wanted = self._latest()["workers"] if n_workers is None else n_workers
        if wanted or n_workers is not None:
            self.client.wait_for_workers(wanted, timeout)

    def _order(self) -> None:
        """Have the platform begin to make it."""
        self._facts = self._broker.ask("POST", "", self._size)
        atexit.register(self._end)

    def _end(self) -> None:
        """End it, and its client."""
        atexit.unregister(self._end)
        before = self._facts["state"]
        if before == "closed":
            return
        self._facts |= {"state": "closed", "ready": 0, "figures": None}
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._settings is not None:
            self._settings.__exit__(None, None, None)
        if before not in ("created", "ended"):
            self._broker.end(self.name)

    def _latest(self, what: str = "") -> dict[str, Any]:
        """Ask the broker, and give the facts; those of a pool that has ended stay as they are."""
        if self._facts["state"] in ("created", "closed", "ended"):
            return self._facts
        try:
            self._facts |= self._broker.ask("GET", f"{self.name}{what}")
        except UraniborgError as error:
            if error.code != "not_found":
                return self._facts | {"state": "unknown", "reason": error.message, "figures": None}
            self._facts |= {"state": "ended", "reason": error.message, "ready": 0, "figures": None}
        return self._facts

    def _over(self) -> UraniborgError:
        if self._facts["state"] == "created":
            return UraniborgError("This pool is not there yet.", "Await it, or use `async with`.", code="not_awaited")
        reason = self._facts.get("reason") if self._facts["state"] in OVER - {"closed"} else ""
        return UraniborgError(str(reason or f"The pool {self.name} is closed."), AGAIN, code="pool_ended")

    def _why_lost(self) -> UraniborgError | None:
        """Give why the connection to the scheduler is lost; None where the platform says that the pool runs."""
        facts = self._latest()
        for _ in range(WAIT_SECONDS):
            if facts["state"] in OVER:
                return self._over()
            facts = self._latest("?wait=1")
        return self._over() if facts["state"] in OVER else None

    def _connect(self, *, asynchronous: bool) -> Client:
        try:
            import dask

            from uraniborg._pool_client import connect
        except ImportError:
            raise UraniborgError("A pool needs Dask, which isn't here.", "pip install 'uraniborg[lab]'") from None
        # Client.dashboard_link, and what JupyterLab shows, come from this setting.
        self._settings = dask.config.set({"distributed.dashboard.link": self.dashboard_link})
        return connect(self.scheduler_address, self.security, self._why_lost, asynchronous=asynchronous)

    def _wait(self) -> None:
        progress = _progress.for_here()
        try:
            while self._facts["state"] == "starting":
                progress.show(0.5, f"pool {self.name} is starting. {self._facts.get('waiting', '')}".rstrip(". "))
                self._facts |= self._broker.ask("GET", f"{self.name}?wait={WAIT_SECONDS}")
        finally:
            progress.end()
        if self._facts["state"] != "running":
            raise UraniborgError(
                f"The pool is {self._facts['state']}. {self._facts['reason']}", "Try again.", code="pool_failed"
            )


def _bounds(minimum: int, maximum: int) -> dict[str, int]:
    return {"minimum": minimum, "maximum": maximum}


def _security(pem: Mapping[str, str]) -> Security:
    from distributed import Security

    make: Any = Security
    security: Security = make(
        require_encryption=True,
        tls_ca_file=pem["ca"],
        tls_client_cert=pem["cert"],
        tls_client_key=pem["key"],
    )
    return security
