"""A container that ended, or can't begin, while its lab starts."""

from __future__ import annotations

from uraniborg_hub.kubernetes.failure import ADMINISTRATOR, TELL, Facts, Failure, Object, container
from uraniborg_hub.kubernetes.scheduling import memory
from uraniborg_hub.lab.home import NOT_WRITABLE

HOME = "home"
"""The container that makes a user's folder, before the lab."""
CANNOT_BEGIN = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})
NO_COMMAND = frozenset({"StartError", "ContainerCannotRun"})
NO_ROOM = ("No space left on device", "Disk quota exceeded")
"""What programs say where nothing can be written any more."""
LINES = 20
"""Last lines of a log that are shown."""


def ended(facts: Facts) -> Failure | None:
    """Say why the lab's container ended or can't begin; None while it does neither."""
    return _thrown_out(facts) or _home(facts) or _cannot_begin(facts) or _ended(facts)


def last_lines(facts: Facts, end: Object) -> tuple[str, ...]:
    """Give the log's last lines: as somebody read them, otherwise as the kubelet left them with the status."""
    lines = facts.log or tuple(str(end.get("message") or "").splitlines())
    return tuple(line.rstrip() for line in lines if line.strip())[-LINES:]


def end_of(status: Object) -> Object:
    """Give how a container ended, now or before it was started again; empty while it has not."""
    for state in ("state", "lastState"):
        terminated: Object = (status.get(state) or {}).get("terminated") or {}
        if terminated:
            return terminated
    return {}


def home_refused(lines: tuple[str, ...]) -> Failure:
    """Say that the folder can't be written."""
    if _no_room(lines):
        return _full(lines)
    return Failure(
        code="home",
        sentence="The folder for your files can't be written.",
        next_step=f"{ADMINISTRATOR}: the volume of homes has to be writable for the user of labs. Your files are safe.",
        details=lines,
    )


def _home(facts: Facts) -> Failure | None:
    end = end_of(container(facts.status.get("initContainerStatuses"), HOME))
    if not end or end.get("exitCode") == 0:
        return None
    return home_refused(last_lines(facts, end))


def _no_room(lines: tuple[str, ...]) -> bool:
    return any(words in line for line in lines for words in NO_ROOM)


def _full(lines: tuple[str, ...]) -> Failure:
    return Failure(
        code="full",
        sentence="The volume with your files is full.",
        next_step=f"{ADMINISTRATOR}: it needs free space before your lab can start. Your files are safe.",
        details=lines,
    )


def _cannot_begin(facts: Facts) -> Failure | None:
    waiting = (facts.lab.get("state") or {}).get("waiting") or {}
    if waiting.get("reason") not in CANNOT_BEGIN:
        return None
    if "exec: " in str(waiting.get("message")):
        return _no_command((str(waiting["message"]),))
    return Failure(
        code="settings",
        sentence="The machine can't begin this lab: its settings and its software do not fit together.",
        next_step=f"Choose another lab if there is one, and {TELL}.",
        details=(f"{waiting['reason']}: {waiting.get('message') or ''}",),
    )


def _no_command(lines: tuple[str, ...]) -> Failure:
    return Failure(
        code="command",
        sentence="This lab's software lacks the program that starts it.",
        next_step=f"Choose another lab if there is one, and {TELL}.",
        details=lines,
    )


def _ended(facts: Facts) -> Failure | None:
    end = end_of(facts.lab)
    if not end:
        return None
    code, lines = end.get("exitCode"), last_lines(facts, end)
    if end.get("reason") == "OOMKilled":
        limit = memory(str(facts.limits.get("memory", ""))) or "its limit"
        return Failure(
            code="memory",
            sentence=f"The lab needed more memory than the {limit} that it may use, while it started.",
            next_step="Choose a larger lab; if there is none, ask the administrator for one.",
            details=lines,
        )
    if end.get("reason") in NO_COMMAND:
        return _no_command(lines)
    if code == NOT_WRITABLE or _no_room(lines):
        return home_refused(lines)
    said = f' Its last words: "{lines[-1][:200]}".' if lines else " It said nothing."
    return Failure(
        code="crash",
        sentence=f"The lab ended with code {code} while it started.{said}",
        next_step="Start it again; if it ends again, send the details to the administrator.",
        details=lines,
    )


def _thrown_out(facts: Facts) -> Failure | None:
    reason, message = facts.status.get("reason"), facts.status.get("message")
    if facts.status.get("phase") != "Failed" or not reason:
        return None
    return Failure(
        code="thrown_out",
        sentence="The machine that your lab started on had to let it go.",
        next_step="Start it again: it may come to another machine.",
        details=(f"{reason}: {message or ''}",),
    )
