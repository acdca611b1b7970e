"""Science in a notebook: catalogs, instruments and pools of a Uraniborg platform.

Inside a lab nothing has to be set up; elsewhere `connect(url, token=...)` says which platform is meant. The names are
loaded when they are first used, so that the import itself is fast and never touches the network.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from uraniborg._version import __version__

if TYPE_CHECKING:
    from uraniborg._catalogs import catalogs
    from uraniborg._connection import connect
    from uraniborg._errors import UraniborgError
    from uraniborg._instruments import instrument, instruments
    from uraniborg._pool import Pool
    from uraniborg._queries import cone, query, result, targets
    from uraniborg._resolver import resolve
    from uraniborg.widgets import browse, queries

__all__ = [
    "Pool",
    "UraniborgError",
    "__version__",
    "browse",
    "catalogs",
    "cone",
    "connect",
    "instrument",
    "instruments",
    "queries",
    "query",
    "resolve",
    "result",
    "targets",
]

_HOMES = {
    "Pool": "_pool",
    "UraniborgError": "_errors",
    "browse": "widgets",
    "catalogs": "_catalogs",
    "cone": "_queries",
    "connect": "_connection",
    "instrument": "_instruments",
    "instruments": "_instruments",
    "queries": "widgets",
    "query": "_queries",
    "resolve": "_resolver",
    "result": "_queries",
    "targets": "_queries",
}


def __getattr__(name: str) -> object:
    """Load a public name from its own module on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'uraniborg' has no attribute {name!r}")
    value: object = getattr(import_module(f"uraniborg.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return list(__all__)
