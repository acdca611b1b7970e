"""What `helm test` does: asks proxy, hub, portal and broker as a browser would, through the proxy."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

PATHS = ("/hub/health", "/services/portal/api/health", "/services/portal/", "/services/pools/api/health")
SECONDS = 90.0
"""How long a path may take until it answers 200, seconds."""


def answer(url: str) -> str:
    """Give `200`, or what went wrong."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=10) as response:
            return str(response.status)
    except (URLError, OSError) as error:
        return str(error)


def main(base: str, paths: Sequence[str] = PATHS, seconds: float = SECONDS) -> int:
    """Ask each path until it answers 200; give 0, or 1 where one never did."""
    failed = 0
    until = time.monotonic() + seconds
    for path in paths:
        found = answer(base + path)
        while found != "200" and time.monotonic() < until:
            time.sleep(1)
            found = answer(base + path)
        failed += found != "200"
        sys.stdout.write(f"{path}: {found}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/")))
