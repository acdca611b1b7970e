"""A pool of Dask workers next to the data: asked of the platform, used like a Dask client."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from html import escape
from types import TracebackType
from typing import TYPE_CHECKING, Any

from uraniborg import _connection, _progress
from uraniborg._broker import Broker
from uraniborg._errors import UraniborgError
from uraniborg._portal import Portal

if TYPE_CHECKING:
    from distributed import Client, Security
    from distributed.core import Status

WAIT_SECONDS = 5
"""Seconds that the broker may hold an answer back until the pool's state changes."""


class Pool:
    """A Dask cluster of your own, with the lab's environment, that ends with the lab or when you close it.

    It is there when this returns: its first worker answers, and the others follow. Everything that a
    `distributed.Client` can do can be done with it (`pool.submit`, `pool.map`, `pool.compute`, ...), it is the default
    client of Dask collections, and `distributed.Client(pool)` gives another client of it. Inside a lab no address and
    no token has to be given.

    Parameters
    ----------
    workers
        Worker processes; `scale` changes their number.
    memory
        Memory of each worker, like `"1GB"` or `"512MiB"`; as much as the platform gives when left out.
    threads
        Threads of each worker.
    connection
        The platform to ask, from `uraniborg.connect`; the current one when left out.

    Raises
    ------
    UraniborgError
        The platform refuses (its words say what is accepted), the pool could not be started, or Dask isn't installed.
    """

    def __init__(
        self,
        workers: int = 4,
        memory: str | int | None = None,
        *,
        threads: int = 1,
        connection: Portal | None = None,
    ) -> None:
        self._broker = Broker(connection or _connection.current())
        size = {"workers": workers, "threads": threads, **({} if memory is None else {"memory": memory})}
        self._facts = self._broker.ask("POST", "", size)
        self._client: Client | None = None
        self._settings: Any = None
        atexit.register(self.close)
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """The pool's name on the platform."""
        return str(self._facts["name"])

    @property
    def client(self) -> Client:
        """The `distributed.Client` of this pool."""
        if self._client is None:
            raise UraniborgError(f"The pool {self.name} is closed.", "Make a new one: ub.Pool(workers=4).")
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

        return Status.closed if self._client is None else Status.running

    def scale(self, workers: int) -> None:
        """Ask for another number of workers; results on those that leave move to those that stay.

        Raises
        ------
        UraniborgError
            The platform's limits refuse it; the words say what is accepted.
        """
        self._facts |= self._broker.ask("PATCH", self.name, {"workers": workers})

    def wait_for_workers(self, n_workers: int | None = None, timeout: float | None = None) -> None:
        """Wait until so many workers answer, all that were asked for when left out; seconds until TimeoutError."""
        self.client.wait_for_workers(self._facts["workers"] if n_workers is None else n_workers, timeout)

    def close(self) -> None:
        """End the pool and all its workers; closing twice does nothing more."""
        atexit.unregister(self.close)
        if self._facts["state"] == "closed":
            return
        self._facts |= {"state": "closed", "ready": 0}
        if self._client is not None:
            self._client.close()
            self._client = None
        if self._settings is not None:
            self._settings.__exit__(None, None, None)
        self._broker.end(self.name)

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
        found: Callable[..., Any] = getattr(self._client, name)
        return found

    def __dir__(self) -> list[str]:
        """List the pool's own names and its client's."""
        delegated = [] if self._client is None else [name for name in dir(self._client) if not name.startswith("_")]
        return sorted({*super().__dir__(), *delegated})

    def __repr__(self) -> str:
        """Give name, workers and dashboard."""
        facts = self._latest()
        if facts["state"] != "running":
            return f"<Pool {self.name}: {facts['state']}>"
        return f"<Pool {self.name}: {_size(facts)}; dashboard {self.dashboard_link}>"

    def _repr_html_(self) -> str:
        facts = self._latest()
        link = escape(self.dashboard_link)
        shown = f"{escape(_size(facts))}<br><a href='{link}' target='_blank'>Dashboard</a>"
        size = shown if facts["state"] == "running" else ""
        return f"<div><strong>Pool {escape(self.name)}</strong>: {escape(facts['state'])}<br>{size}</div>"

    def _latest(self) -> dict[str, Any]:
        if self._facts["state"] == "closed":
            return self._facts
        try:
            self._facts |= self._broker.ask("GET", self.name)
        except UraniborgError as error:
            return self._facts | {"state": "ended" if error.code == "not_found" else "unknown (the broker is away)"}
        return self._facts

    def _connect(self) -> None:
        try:
            import dask
            from distributed import Client
        except ImportError:
            raise UraniborgError("A pool needs Dask, which isn't here.", "pip install 'uraniborg[lab]'") from None
        self._wait()
        # Client.dashboard_link, and what JupyterLab shows, come from this setting.
        self._settings = dask.config.set({"distributed.dashboard.link": self.dashboard_link})
        make: Any = Client
        self._client = make(self.scheduler_address, security=self.security, set_as_default=True)

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


def _size(facts: Mapping[str, Any]) -> str:
    gibibytes = facts["memory"] / 2**30
    threads = "1 thread" if facts["threads"] == 1 else f"{facts['threads']} threads"
    size = f"{facts['ready']} of {facts['workers']} workers, each with {threads} and {gibibytes:.2g} GiB"
    return f"{size}. {facts['waiting']}" if facts.get("waiting") else size
