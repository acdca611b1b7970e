"""The process that runs instruments: `python -m uraniborg_portal.instruments.worker FD PARENT [MODULE...]`.

It reads tasks as JSON lines from standard input and writes messages as JSON lines to the file descriptor FD. What an
instrument, or a library below it, prints to standard output and error is its log: the parent reads those itself.
"""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from uraniborg_portal.errors import PortalError, Unavailable, Unexpected
from uraniborg_portal.instruments.channel import END_OF_OUTPUT, FAILED, MADE, READY
from uraniborg_portal.instruments.inputs import fetch
from uraniborg_portal.instruments.installed import instrument
from uraniborg_portal.instruments.parameters import check
from uraniborg_portal.instruments.writing import write

LOG = logging.getLogger(__name__)

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that this process gets when its parent ends."""


class Messages:
    """Tells the parent how a task goes; what an instrument knows as its report."""

    def __init__(self, channel: TextIO) -> None:
        self.channel = channel

    def send(self, kind: str, **data: object) -> None:
        """Write one message."""
        self.channel.write(json.dumps({"kind": kind, **data}) + "\n")
        self.channel.flush()

    def progress(self, fraction: float, text: str) -> None:
        """Say how much is done, from 0 to 1, and what is done now."""
        self.send("progress", fraction=min(max(float(fraction), 0.0), 1.0), text=text)

    def log(self, line: str) -> None:
        """Add a line to the job's log."""
        self.send("log", line=line)


def die_with(parent: int) -> None:
    """End when the parent does, however it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)


def work(task: dict[str, Any], messages: Messages) -> None:
    """Run one task and say how it ended: `made` with the product's description, or `failed` with words."""
    try:
        chosen = instrument(task["instrument"])
        parameters = check(chosen.parameters, task["parameters"])
        inputs = fetch(chosen.inputs(parameters), messages)
        product = chosen.run(parameters, inputs, messages)
        messages.progress(0.9, "Writing files")
        messages.send(MADE, product=write(product, Path(task["folder"]), chosen.libraries))
    except PortalError as error:
        messages.send(FAILED, **error.as_json())
    except OSError as error:
        LOG.exception("the instrument %s could not read or write", task["instrument"])
        words = f"A file could not be read or written: {error.strerror or error}."
        messages.send(FAILED, error=Unavailable.code, message=words, remedy="Make room on the disk, and run it again.")
    except Exception as error:
        LOG.exception("the instrument %s failed", task["instrument"])
        words = f"The instrument met an error that it does not expect: {type(error).__name__}: {error}"
        messages.send(FAILED, error=Unexpected.code, message=words[:500], remedy="The log has the details.")


def end_output() -> None:
    """Mark the end of what a task printed."""
    sys.stderr.flush()
    sys.stdout.write(f"{END_OF_OUTPUT}\n")
    sys.stdout.flush()


def main(descriptor: int, parent: int, modules: list[str]) -> None:
    """Import modules that a task will want, then work until standard input ends."""
    die_with(parent)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    tasks = os.fdopen(os.dup(0), encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    messages = Messages(os.fdopen(descriptor, "w", encoding="utf-8"))
    for module in modules:
        import_module(module)
    messages.send(READY)
    end_output()
    for line in tasks:
        work(json.loads(line), messages)
        end_output()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
