"""XML documents of UWS 1.1: a job, a list of jobs, and a job's parameters and results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from uraniborg_portal.tap.jobs.models import TapJob
from uraniborg_portal.tap.xml import add, document, root

RESULT = "result"
"""The identifier of the only result that a query has (TAP 1.1, section 2.2)."""


def moment(seconds: float) -> str:
    """Give a time as ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def job_document(job: TapJob, url: str) -> bytes:
    """Give the whole description of a job that is at `url` (section 2.2.2.2)."""
    top = root("uws:job", "xlink")
    top.set("version", "1.1")
    add(top, "uws:jobId", job.id)
    run_id = job.parameter("RUNID")
    if run_id is not None:
        add(top, "uws:runId", run_id)
    add_nillable(top, "uws:ownerId", job.owner)
    add(top, "uws:phase", job.phase)
    add_nillable(top, "uws:quote", None)
    add(top, "uws:creationTime", moment(job.created))
    add_time(top, "uws:startTime", job.started)
    add_time(top, "uws:endTime", job.ended)
    add(top, "uws:executionDuration", round(job.seconds))
    add(top, "uws:destruction", moment(job.destruction))
    fill_parameters(add(top, "uws:parameters"), job)
    fill_results(add(top, "uws:results"), job, url)
    if job.phase == "ERROR":
        error = add(top, "uws:errorSummary", type="fatal", hasDetail="true")
        add(error, "uws:message", words_of(job))
    if job.phase == "EXECUTING" and job.steps:
        info = add(top, "uws:jobInfo")
        add(info, "stepsDone", job.steps_done)
        add(info, "steps", job.steps)
    if job.phase == "COMPLETED":
        info = add(top, "uws:jobInfo")
        add(info, "rows", job.rows)
        add(info, "overflow", str(job.overflow).lower())
    return document(top)


def list_document(jobs: Sequence[TapJob], url: str) -> bytes:
    """Give a list of jobs; `url` is where the list is (section 2.2.2.1)."""
    top = root("uws:jobs", "xlink")
    top.set("version", "1.1")
    for job in jobs:
        found = add(top, "uws:jobref", id=job.id, **{"xlink:type": "simple", "xlink:href": f"{url}/{job.id}"})
        add(found, "uws:phase", job.phase)
        run_id = job.parameter("RUNID")
        if run_id is not None:
            add(found, "uws:runId", run_id)
        add_nillable(found, "uws:ownerId", job.owner)
        add(found, "uws:creationTime", moment(job.created))
    return document(top)


def parameters_document(job: TapJob) -> bytes:
    """Give a job's parameters."""
    top = root("uws:parameters")
    fill_parameters(top, job)
    return document(top)


def results_document(job: TapJob, url: str) -> bytes:
    """Give where the results of a job are, that is at `url`."""
    top = root("uws:results", "xlink")
    fill_results(top, job, url)
    return document(top)


def words_of(job: TapJob) -> str:
    """Give why a job failed and what to do."""
    return " ".join(part for part in (job.message, job.remedy) if part)


def fill_parameters(parent: ET.Element, job: TapJob) -> None:
    """Add an element for each parameter."""
    for name, value in job.parameters:
        add(parent, "uws:parameter", value, id=name)


def fill_results(parent: ET.Element, job: TapJob, url: str) -> None:
    """Add where the result is, if there is one."""
    if job.phase != "COMPLETED" or job.media_type is None:
        return
    link = {"xlink:type": "simple", "xlink:href": f"{url}/results/{RESULT}"}
    add(parent, "uws:result", id=RESULT, size=str(job.bytes), mime_type=job.media_type, **link)


def add_time(parent: ET.Element, name: str, seconds: float | None) -> None:
    """Add a time, nil where there is none."""
    add_nillable(parent, name, None if seconds is None else moment(seconds))


def add_nillable(parent: ET.Element, name: str, text: str | None) -> None:
    """Add an element with a text, nil where there is none."""
    if text is None:
        add(parent, name, **{"xsi:nil": "true"})
    else:
        add(parent, name, text)
