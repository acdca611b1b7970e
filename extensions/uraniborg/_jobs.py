"""Following a job to its product."""

from __future__ import annotations

from typing import Any

from uraniborg._errors import UraniborgError
from uraniborg._portal import FINAL, Portal, segment
from uraniborg._progress import for_here

TAIL = 5
"""Lines of the log that a failure shows."""


def follow(portal: Portal, job: dict[str, Any]) -> str:
    """Wait for a job, showing how far it is, and give its product's identifier.

    Interrupting the kernel (or Ctrl-C) cancels the job.

    Raises
    ------
    UraniborgError
        The job failed or was cancelled; the message holds its last words.
    """
    if job["state"] != "done":
        _watch(portal, job["id"])
        job = portal.get(f"api/jobs/{segment(job['id'])}")
    if not job.get("product"):
        words = job.get("error") or {}
        raise UraniborgError(
            str(words.get("message") or f"The job ended as {job['state']} without a product."),
            str(words.get("remedy") or "Change the parameters, or run it again."),
            code="job_failed",
        )
    return str(job["product"])


def _watch(portal: Portal, identifier: str) -> None:
    """Show the events of a job until its final state."""
    progress = for_here()
    log: list[str] = []
    try:
        for kind, data in portal.events(f"api/jobs/{segment(identifier)}/events"):
            if kind == "progress":
                progress.show(float(data.get("fraction") or 0), str(data.get("text") or ""))
            elif kind == "log":
                log.append(str(data.get("line")))
            elif data.get("state") in FINAL:
                _judge(data, log)
                return
    except KeyboardInterrupt:
        portal.post(f"api/jobs/{segment(identifier)}/cancel", {})
        raise
    finally:
        progress.end()


def _judge(data: dict[str, Any], log: list[str]) -> None:
    """Raise for a final state that isn't `done`, in the job's own words."""
    state = data["state"]
    if state == "done":
        return
    told = data.get("error") or data
    words = told.get("message") or ("The job failed." if state == "failed" else "The job was cancelled.")
    remedy = told.get("remedy") or ("Last lines of its log: " + " | ".join(log[-TAIL:]) if log else "")
    raise UraniborgError(str(words), str(remedy), code=f"job_{state}")
