"""Run the broker as a service of the hub: `python -m uraniborg_hub.pools`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from importlib import import_module

import uvicorn

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.pools.backend import Backend
from uraniborg_hub.pools.errors import PoolError
from uraniborg_hub.pools.local import LocalBackend, variables
from uraniborg_hub.pools.main import create_app
from uraniborg_hub.pools.service import from_environment
from uraniborg_hub.pools.settings import Settings


def backend_of(settings: Settings, broker: Mapping[str, str]) -> Backend:
    """Give the back end that the settings choose; `broker` are this process' own variables."""
    if settings.pools.kubernetes is None:
        return LocalBackend(settings.home, variables(broker, settings.pools.environment))
    # Its packages are on clusters only.
    cluster = import_module("uraniborg_hub.pools.dask_cluster.backend")
    backend: Backend = cluster.DaskClusterBackend(settings.pools.kubernetes, settings.pools.compute)
    return backend


def serve() -> None:
    """Serve until a signal ends it, and end the pools first."""
    service = from_environment(os.environ)
    settings = Settings()
    backend = backend_of(settings, os.environ)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    # httpx would write the address of every request to the hub and to dashboards into the log.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    uvicorn.run(
        create_app(service, settings.pools, backend),
        host=service.bind_host,
        port=service.bind_port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=2,
        ws="websockets-sansio",
        ws_max_size=2**20,
        server_header=False,
        # A laptop's proxy. On a cluster nobody's: labs reach the broker directly, and no client's address matters here.
        forwarded_allow_ips="127.0.0.1",
        # The proxy keeps connections for ever; ended just when it sends, the answer would be its 503. As Tornado waits.
        timeout_keep_alive=3600,
    )


def main() -> int:
    """Run, or say in a sentence why not."""
    try:
        serve()
    except (PlatformError, PoolError) as error:
        sys.stderr.write(f"pools: {error.message} {error.remedy}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
