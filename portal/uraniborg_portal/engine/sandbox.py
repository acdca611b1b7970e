"""What a query worker may do: read libraries and catalogs, write to one folder. No socket, no program, no process.

Landlock decides about files, seccomp about system calls; both hold for good, for this process and all of its threads.
A thread that runs already keeps its freedom: enter before anything is imported that starts one.
Linux: landlock(7), seccomp(2).
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import sys
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo")
MACHINE = (
    "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo",
    "/proc/self/cgroup", "/proc/sys/vm/overcommit_memory", "/sys/devices/system", "/sys/fs/cgroup",
)  # fmt: skip
"""What libraries ask about the machine (DuckDB 2.0.0 ends where it can't read its cgroup). Nothing of /proc but this:
other processes' secrets are there."""

CALLS = {
    "reading and writing": "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek sendfile "
    "copy_file_range ftruncate fallocate fsync fdatasync fadvise64 sync_file_range",
    "files": "close close_range dup dup2 dup3 pipe pipe2 flock stat fstat lstat newfstatat statx access faccessat "
    "faccessat2 readlink readlinkat getcwd getdents getdents64 statfs fstatfs umask unlink unlinkat rename renameat "
    "renameat2",
    "memory": "brk mmap munmap mprotect mremap madvise mincore msync mlock munlock membarrier mbind get_mempolicy "
    "set_mempolicy",
    "threads": "futex futex_waitv set_robust_list get_robust_list set_tid_address rseq restart_syscall sched_yield "
    "sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max "
    "sched_get_priority_min getcpu getpriority",
    "who it is": "getpid getppid gettid getuid geteuid getgid getegid getresuid getresgid getgroups getpgrp getpgid "
    "getsid uname sysinfo getrusage getrlimit prctl arch_prctl",
    "time": "times time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep",
    "signals": "rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait sigaltstack pause",
    "waiting": "poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd "
    "eventfd2",
    "chance and the end": "getrandom exit exit_group",
    "more of a sandbox": "landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp",
}
"""The system calls that Python, DuckDB and Arrow make on files and memory; all others are not there for a worker."""

FORBIDDEN = ("socket", "socketpair", "connect", "execve", "execveat", "fork", "vfork", "kill", "ptrace")
"""Not there either; a library that makes one of these is told that it may not, in place of that there is no such."""
OWN_COMMANDS = (0, 1, 2, 3, 5, 6, 7, 36, 37, 38, 1030)
"""fcntl(2) commands on descriptors and locks. No lease, which would stop who opens the file; no signal's receiver."""
SET_FLAGS = 4
"""fcntl(2): sets how a descriptor is read."""
TERMINAL = (0x5401, 0x5450, 0x5451)
"""ioctl(2) requests: is it a terminal, and close-on-exec. No other: some reach beyond the process."""
CLONE_THREAD = 0x00010000
"""clone(2): a thread of this process, not a process."""
O_ASYNC = 0o20000
"""open(2): sends a signal when something can be read."""
DESCRIPTORS = 65_536
"""Files that are open at once: a query reads many shards."""
UNKNOWN = -1
"""libseccomp's number of a call that it does not know (`__NR_SCMP_ERROR`)."""
LOWER = 0xFFFFFFFF
"""The half of a register that the kernel takes for a request or command."""


@cache
def missing() -> str:
    """Say what this machine lacks for a sandbox, as one sentence; empty where nothing does."""
    if not sys.platform.startswith("linux"):
        return "Sandboxes need Linux."
    import landlockpy

    if not landlockpy.supported():
        return "This kernel has no Landlock, or it is switched off (Linux 5.13 or newer has it)."
    try:
        import_module("pyseccomp")
    except (RuntimeError, OSError):
        return "The library libseccomp is not installed (Debian, Ubuntu: apt install libseccomp2)."
    return ""


def enter(readable: Iterable[Path], writable: Path) -> None:
    """Give up all that is not named here: to read libraries and `readable`, to write to `writable`.

    Raises
    ------
    OSError
        The kernel refused.
    """
    # It looks for its library by starting a program, which nothing may later.
    import_module("pyseccomp")
    limit_files(readable, writable)
    limit_calls()


def limit_files(readable: Iterable[Path], writable: Path) -> None:
    """Let this process read libraries and `readable`, and write to the folder `writable`. It gains no privilege."""
    from landlockpy import AccessFS, Ruleset, Scope

    read = AccessFS.READ_FILE | AccessFS.READ_DIR
    write = read | AccessFS.WRITE_FILE | AccessFS.TRUNCATE | AccessFS.MAKE_REG | AccessFS.REMOVE_FILE
    with Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL) as rules:
        ours = [Path(name) for name in (*LIBRARIES, *MACHINE, *sys.path) if name]
        for path in (*ours, *interpreter(), *readable):
            if path.is_dir():
                rules.allow_path(path, read)
            elif path.exists():
                rules.allow_path(path, AccessFS.READ_FILE)
        rules.allow_path(writable, write)
        rules.restrict()


def interpreter() -> list[Path]:
    """Give where Python's own libraries are."""
    return [Path(prefix) / "lib" for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix}]


def limit_calls() -> None:
    """Leave this process the system calls of `CALLS`, threads, and signals to itself."""
    import pyseccomp as seccomp

    # "No such call": C libraries know what to do where an old kernel lacks one.
    rules = seccomp.SyscallFilter(seccomp.ERRNO(errno.ENOSYS))
    rules.set_attr(seccomp.Attr.CTL_TSYNC, 1)
    for call in FORBIDDEN:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), call)
    for call in known(" ".join(CALLS.values()).split()):
        rules.add_rule(seccomp.ALLOW, call)
    for request in TERMINAL:
        rules.add_rule(seccomp.ALLOW, "ioctl", seccomp.Arg(1, seccomp.MASKED_EQ, LOWER, request))
    rules.add_rule(seccomp.ALLOW, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, CLONE_THREAD, CLONE_THREAD))
    rules.add_rule(seccomp.ALLOW, "tgkill", seccomp.Arg(0, seccomp.EQ, os.getpid()))
    # To read its own limits, not to change them.
    rules.add_rule(seccomp.ALLOW, "prlimit64", seccomp.Arg(0, seccomp.EQ, 0), seccomp.Arg(2, seccomp.EQ, 0))
    rules.add_rule(seccomp.ALLOW, "sched_setaffinity", seccomp.Arg(0, seccomp.EQ, 0))
    for command in OWN_COMMANDS:
        rules.add_rule(seccomp.ALLOW, "fcntl", seccomp.Arg(1, seccomp.MASKED_EQ, LOWER, command))
    rules.add_rule(
        seccomp.ALLOW,
        "fcntl",
        seccomp.Arg(1, seccomp.MASKED_EQ, LOWER, SET_FLAGS),
        seccomp.Arg(2, seccomp.MASKED_EQ, O_ASYNC, 0),
    )
    for call, flags in (("open", 1), ("openat", 2)):
        # Landlock asks for no right where a file is opened neither to read nor to write, and before Linux 6.2 for none
        # to empty one that is opened to read.
        rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(flags, seccomp.MASKED_EQ, os.O_ACCMODE | os.O_TRUNC, 0))
        for access in (os.O_WRONLY, os.O_RDWR):
            rules.add_rule(seccomp.ALLOW, call, seccomp.Arg(flags, seccomp.MASKED_EQ, os.O_ACCMODE, access))
    rules.load()


def limit_memory(megabytes: int) -> None:
    """Let this process have no more memory of its own than this, for good."""
    import resource

    lower(resource.RLIMIT_DATA, megabytes * 1_000_000)


def limit_sizes(megabytes: int) -> None:
    """Let this process write no file that is larger than this, hold few descriptors, and end first where memory ends.

    For good: `limit_calls` lets it raise no limit.
    """
    import resource

    for what, most in (
        (resource.RLIMIT_FSIZE, megabytes * 1_000_000),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
        (resource.RLIMIT_CORE, 0),
    ):
        lower(what, most)


def lower(what: int, most: int) -> None:
    """Lower a limit of this process, unless it is lower."""
    import resource

    hard = resource.getrlimit(what)[1]
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (allowed, allowed))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def known(calls: Iterable[str]) -> list[str]:
    """Give the calls that this machine's libseccomp has heard of; what it does not know stays closed."""
    import pyseccomp as seccomp

    here = seccomp.system_arch()
    return [call for call in calls if seccomp.resolve_syscall(here, call) != UNKNOWN]


def main(folder: Path) -> None:
    """Enter a sandbox that may write to `folder`, and say whether it holds: what `uraniborg doctor` asks.

    Exit code 1, with the reason, where it does not.
    """
    from uraniborg_portal.settings import Settings

    if Settings().queries.sandbox == "off":
        sys.stdout.write("Switched off in the settings: queries run without a sandbox.\n")
        return
    if lacks := missing():
        raise SystemExit(lacks)
    try:
        enter([], folder)
    except OSError as error:
        raise SystemExit(f"The kernel refused the sandbox: {error}.") from error
    for name, escape in ESCAPES.items():
        with contextlib.suppress(OSError):
            escape()
            raise SystemExit(f"The sandbox does not hold: {name} is possible in it.")
    sys.stdout.write("Queries run in a sandbox of Landlock and seccomp.\n")


ESCAPES: dict[str, Callable[[], object]] = {
    "reading /etc/passwd": Path("/etc/passwd").read_bytes,
    "a socket": socket.socket,
    "a process": os.fork,
}

if __name__ == "__main__":
    main(Path(sys.argv[1]))
