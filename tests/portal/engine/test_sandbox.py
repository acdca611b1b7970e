"""A query worker can do nothing but read catalogs, compute, and write to its own folder."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from uraniborg_portal.engine import sandbox

ENTERED = """
import ctypes, fcntl, os, resource, socket, subprocess, sys, threading
from pathlib import Path
from uraniborg_portal.engine import sandbox
catalog, spill, secret = map(Path, sys.argv[1:])
sandbox.enter([catalog], spill)
call = ctypes.CDLL(None, use_errno=True).syscall
def asked(number, *given):
    if call(number, *given) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
"""
X86_64 = {"io_uring_setup": 425, "memfd_create": 319, "process_vm_readv": 310, "userfaultfd": 323, "bpf": 321,
          "keyctl": 250, "unshare": 272, "mount": 165, "ptrace": 101, "pidfd_open": 434, "shmget": 29,
          "open_by_handle_at": 304, "perf_event_open": 298, "chroot": 161, "clone3": 435, "fchmodat2": 452}  # fmt: skip

REFUSED = ("PermissionError", "OSError: [Errno 38]", "OSError: [Errno 18]")
"""Not allowed; no such call; not between folders with different rights."""


def run(tmp_path: Path, attempt: str) -> subprocess.CompletedProcess[str]:
    """Let a program try something in a sandbox that may read one folder and write to another."""
    folders = [tmp_path / name for name in ("catalog", "spill", "secret")]
    for folder in folders:
        folder.mkdir()
        (folder / "file").write_text("words")
    argv = [sys.executable, "-I", "-c", ENTERED + attempt, *map(str, folders)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path)


@pytest.mark.parametrize(
    "attempt",
    [
        "(secret / 'file').read_text()",
        "list(secret.iterdir())",
        "Path('/etc/passwd').read_text()",
        "list(Path.home().iterdir())",
        "Path(f'/proc/{os.getppid()}/environ').read_bytes()",
        "Path('/proc/self/environ').read_bytes()",
        "(catalog / 'file').write_text('other words')",
        "(catalog / 'new').write_text('words')",
        "(catalog / 'file').unlink()",
        "(catalog / 'file').rename(spill / 'moved')",
        "(secret / 'new').write_text('words')",
        "(spill / 'link').symlink_to(secret)",
        "(spill / 'link').hardlink_to(secret / 'file')",
        "os.truncate(secret / 'file', 0)",
        "os.chmod(secret / 'file', 0o777)",
        "os.chown(secret / 'file', 1, 1)",
        "os.utime(secret / 'file', (1, 1))",
        "os.setxattr(secret / 'file', 'user.x', b'1')",
        "os.mkfifo(spill / 'pipe')",
        "os.chdir('/')",
        "os.chroot(spill)",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socketpair()",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.execv('/bin/true', ['true'])",
        "subprocess.run(['/bin/true'])",
        "os.kill(os.getppid(), 0)",
        "os.setuid(1)",
        "(spill / 'folder').mkdir()",
        "os.open(secret / 'file', 3)",
        "os.open(secret / 'file', os.O_RDONLY | os.O_TRUNC)",
        "os.open(catalog / 'file', os.O_RDONLY | os.O_TRUNC)",
        "os.open(spill / 'file', os.O_RDONLY | os.O_TRUNC)",
        "fcntl.fcntl(os.open(catalog / 'file', os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
        "fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
        "fcntl.fcntl(0, 10, 9)  # F_SETSIG",
        "fcntl.fcntl(os.pipe()[0], fcntl.F_SETFL, os.O_NONBLOCK | fcntl.FASYNC)",
        "os.sched_setaffinity(os.getppid(), {0})",
        "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
        *(f"asked({number}, 0, 0, 0, 0, 0)  # {name}" for name, number in X86_64.items()),
    ],
)
def test_what_is_not_allowed_fails(tmp_path: Path, attempt: str) -> None:
    if "asked(" in attempt and platform.machine() != "x86_64":
        pytest.skip("the calls have other numbers here")
    done = run(tmp_path, attempt)
    assert done.returncode == 1, attempt
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(REFUSED), last
    for folder in ("catalog", "secret"):
        assert [path.name for path in (tmp_path / folder).iterdir()] == ["file"]
        assert (tmp_path / folder / "file").read_text() == "words"


@pytest.mark.parametrize(
    "attempt",
    [
        "assert (catalog / 'file').read_text() == 'words'",
        "assert [path.name for path in catalog.iterdir()] == ['file']",
        "(spill / 'new').write_bytes(b'x' * 10_000_000); (spill / 'new').unlink()",
        "thread = threading.Thread(target=list); thread.start(); thread.join()",
        "import numpy, duckdb, pyarrow, cdshealpix",
        "import zoneinfo; zoneinfo.ZoneInfo('Europe/Zurich')",
        "assert not os.isatty(0)",
        "os.sched_setaffinity(0, {0}); fcntl.fcntl(os.pipe()[0], fcntl.F_SETFL, os.O_NONBLOCK)",
        "assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 9",
    ],
)
def test_what_a_query_needs_works(tmp_path: Path, attempt: str) -> None:
    done = run(tmp_path, attempt)
    assert done.returncode == 0, done.stderr


def test_threads_that_come_later_are_confined(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        "said = []\n"
        "def attempt():\n"
        "    try: (secret / 'file').read_text()\n"
        "    except PermissionError: said.append('refused')\n"
        "thread = threading.Thread(target=attempt); thread.start(); thread.join()\n"
        "assert said == ['refused']",
    )
    assert done.returncode == 0, done.stderr


def test_this_machine_has_what_a_sandbox_needs() -> None:
    assert sandbox.missing() == ""


def test_the_doctor_s_question_is_answered(tmp_path: Path) -> None:
    argv = [sys.executable, "-I", "-m", "uraniborg_portal.engine.sandbox", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "Queries run in a sandbox of Landlock and seccomp.\n")
    there = {"URANIBORG_QUERIES__SANDBOX": "off"}
    done = subprocess.run(argv, env=there, capture_output=True, text=True, timeout=60, check=False)
    assert "Switched off" in done.stdout
