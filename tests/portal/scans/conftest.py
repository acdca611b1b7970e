"""A cluster on loopback."""

from __future__ import annotations

from dask_on_loopback import broker

__all__ = ["broker"]
