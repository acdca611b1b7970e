"""An asynchronous query as pages and notebooks see it: JSON; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from uraniborg_portal.tap.jobs.models import TapJob, tables_of


def as_json(job: TapJob) -> dict[str, object]:
    """Give a query; times are Unix seconds, `path` is where the file is that the client asked for."""
    done = job.phase == "COMPLETED" and job.media_type is not None
    return {
        "id": job.id,
        "owned": job.owner is not None,
        "phase": job.phase,
        "adql": job.parameter("QUERY") or "",
        "run_id": job.parameter("RUNID"),
        "tables": [table.name for table in tables_of(job.parameters)],
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
        "expires": job.destruction,
        "seconds": job.seconds,
        "steps_done": job.steps_done,
        "steps": job.steps,
        "rows": job.rows if done else None,
        "bytes": job.bytes if done else None,
        "limit": limit_of(job),
        "overflow": done and job.overflow,
        "message": job.message if job.phase == "ERROR" else "",
        "remedy": job.remedy if job.phase == "ERROR" else "",
        "path": f"tap/async/{job.id}/results/result" if done else None,
        "name": f"query-{job.id[:8]}{job.extension}" if done else None,
    }


def limit_of(job: TapJob) -> int | None:
    """Give the row limit that the client named, None where it named none that is a number."""
    given = (job.parameter("MAXREC") or "").strip()[:18]
    return int(given) if given.isascii() and given.isdigit() else None


def version_of(jobs: Sequence[TapJob]) -> str:
    """Give a word that changes whenever a list of queries does."""
    told = [(job.id, job.phase, job.started, job.destruction, job.steps_done) for job in jobs]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
