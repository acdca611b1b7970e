"""The start of a pool's process: its talk with the broker, and the server that workers are forked from.

This file imports nothing heavy: `python -m uraniborg_hub.pools.talk` starts the fork server first, which imports
distributed on another processor while this process imports it too. Each worker is then there in a fraction of the
time of a new interpreter, and shares the server's memory.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import forkserver
from typing import TextIO

PRELOADED = ["distributed", "distributed.nanny", "numpy", "uraniborg_hub.pools.tls_socket"]


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The two ends of the talk with the broker, kept away from whatever prints in this process."""

    source: TextIO
    sink: TextIO

    def say(self, **message: object) -> None:
        """Write one line at once."""
        self.sink.write(f"{json.dumps(message)}\n")
        self.sink.flush()


def take_standard_streams() -> Lines:
    """Take input and output for the talk; from here on prints go to the log and reads find nothing."""
    lines = Lines(source=os.fdopen(os.dup(0)), sink=os.fdopen(os.dup(1), "w"))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    return lines


def main() -> None:
    """Start the server that workers are forked from, then the pool."""
    lines = take_standard_streams()
    multiprocessing.set_start_method("forkserver")
    multiprocessing.set_forkserver_preload(PRELOADED)
    forkserver.ensure_running()
    import_module("uraniborg_hub.pools.tls_socket")
    import_module("uraniborg_hub.pools.cluster").main(lines)


if __name__ == "__main__":
    main()
