"""Run the broker as a service of the hub: `python -m uraniborg_hub.pools`."""

from __future__ import annotations

import logging
import os
import sys

import uvicorn

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.pools.errors import PoolError
from uraniborg_hub.pools.local import LocalBackend, variables
from uraniborg_hub.pools.main import create_app
from uraniborg_hub.pools.service import from_environment
from uraniborg_hub.pools.settings import Settings


def serve() -> None:
    """Serve until a signal ends it, and end the pools first."""
    service = from_environment(os.environ)
    settings = Settings()
    backend = LocalBackend(settings.home, variables(os.environ, settings.pools.environment))
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
        forwarded_allow_ips="127.0.0.1",
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
