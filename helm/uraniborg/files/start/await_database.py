"""Waits until the database listens: at the first start it is made while hub and portal start already."""

from __future__ import annotations

import socket
import sys
import time

EVERY = 0.5
"""Seconds between two tries."""
SECONDS = 300.0
"""How long it may take, seconds."""


def listens(host: str, port: int) -> bool:
    """Tell whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def main(host: str, port: int, seconds: float = SECONDS) -> int:
    """Wait; give 0, or 1 after saying what does not answer."""
    until = time.monotonic() + seconds
    while not listens(host, port):
        if time.monotonic() > until:
            sys.stderr.write(f"No database answers at {host}:{port}. See the log of the pod behind that Service.\n")
            return 1
        time.sleep(EVERY)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
