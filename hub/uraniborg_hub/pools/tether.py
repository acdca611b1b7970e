"""Runs a command that must leave nothing behind: `python -I -S tether.py PARENT COMMAND...` (Linux).

When the parent dies, even by SIGKILL, when the command ends, or on SIGTERM, every process below is killed, those
that made themselves a session of their own included. Three kernel services do it: PR_SET_PDEATHSIG tells of the
parent's death, PR_SET_CHILD_SUBREAPER hands orphans to this process, and they are killed until none is left.
Source: prctl(2). It stays in a process of its own, and small, because a busy interpreter could not answer in time.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
HEARD = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}


def prctl(option: int, value: int) -> None:
    """Set one attribute of this process; raises OSError where the kernel refuses."""
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value})")


def start(command: list[str]) -> int:
    """Start the command as a child that dies with this process; gives its id."""
    tether = os.getpid()
    child = os.fork()
    if not child:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != tether:  # it died before the kernel was asked to tell
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        os.execvp(command[0], command)
    return child


def children() -> list[int]:
    """Give the processes whose parent is this one, orphans handed to it included."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            found.append(int(status.parent.name))
    return found


def kill_all() -> None:
    """Kill every process below, generation by generation, and wait until none is left."""
    while True:
        for child in children():
            os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def watch(child: int) -> int:
    """Wait for the end of the command or for a signal; gives the exit code to report."""
    while signal.sigwait(HEARD) == signal.SIGCHLD:
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == child:
                return os.waitstatus_to_exitcode(status)
            if ended == 0:
                break
    return -signal.SIGTERM


def main(arguments: list[str]) -> int:
    """Run the command and give its exit code, 128 + signal where it was killed."""
    parent = int(arguments[0])
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != parent:
        return 1
    code = watch(start(arguments[1:]))
    kill_all()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
