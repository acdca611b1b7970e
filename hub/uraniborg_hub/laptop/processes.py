"""Child processes that never outlive us: own sessions, a death signal from the parent, and an end that is checked."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def _death_signal() -> Callable[[], None] | None:
    """Give what a child runs before exec: ask the kernel for SIGTERM when its parent dies (Linux alone)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # loaded here: between fork and exec nothing may be imported
    return lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies, so that `end_descendants` finds labs too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def start(argv: Sequence[str], environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own with its output appended to `log`.

    Call it from the main thread: Linux ties the death signal to the thread that forked.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            argv,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_death_signal(),
        )


def end_descendants(seconds: float) -> None:
    """End every descendant of this process: SIGTERM, then SIGKILL to what is left after `seconds`."""
    me = psutil.Process()
    _signal(me.children(recursive=True), signal.SIGTERM)
    psutil.wait_procs(me.children(recursive=True), timeout=seconds)
    for _ in range(3):  # a dying parent may leave children that only now are ours
        left = me.children(recursive=True)
        if not left:
            return
        _signal(left, signal.SIGKILL)
        psutil.wait_procs(left, timeout=2)


def end_strangers(marker: str, value: str) -> int:
    """End this user's processes whose environment has `marker=value`, leftovers of a killed platform; give how many."""
    mine = psutil.Process().username()
    found = [p for p in psutil.process_iter() if _marked(p, mine, marker, value)]
    _signal(found, signal.SIGTERM)
    _, left = psutil.wait_procs(found, timeout=5)
    _signal(left, signal.SIGKILL)
    psutil.wait_procs(left, timeout=2)
    return len(found)


def _marked(process: psutil.Process, username: str, marker: str, value: str) -> bool:
    try:
        ours = process.username() == username and process.pid != psutil.Process().pid
        return ours and process.environ().get(marker) == value
    except (psutil.Error, OSError):
        return False


def _signal(processes: Sequence[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue
