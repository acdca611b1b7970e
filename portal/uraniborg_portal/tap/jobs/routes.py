"""Routes of asynchronous queries, below `tap/async`: UWS 1.1, section 2.2.

A job belongs to who made it; one that nobody made belongs to whoever knows its identifier, which can't be guessed.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from uraniborg_portal.address import portal_of
from uraniborg_portal.context import Context
from uraniborg_portal.downloads import download_of
from uraniborg_portal.errors import BadParameter, NotFound
from uraniborg_portal.formats import votable
from uraniborg_portal.identity.dependencies import OptionalUser
from uraniborg_portal.tap.answers import address_of, document, identified
from uraniborg_portal.tap.dependencies import Asked, Uploads
from uraniborg_portal.tap.jobs import documents, requests
from uraniborg_portal.tap.jobs.models import TapJob
from uraniborg_portal.tap.jobs.results import removed

router = APIRouter(prefix="/tap/async")


async def job_of(identifier: str, context: Context, user: OptionalUser) -> TapJob:
    """Give the job that a path names, to its owner."""
    return await context.tap_jobs.get(identifier, user)


Job = Annotated[TapJob, Depends(job_of)]
"""A route parameter of this type is the job of the path; 404 and 403 where there is none for the one who asks."""


@router.post("")
async def create(request: Request, context: Context, user: OptionalUser, given: Asked, uploads: Uploads) -> Response:
    """Make a query, and run it where PHASE=RUN says so; readers."""
    phase = requests.wanted_phase(given)
    if phase == "ABORT":
        raise BadParameter("PHASE=ABORT can't be asked of a query that is being made.", field="PHASE")
    asked, portal = requests.query_parameters(given), portal_of(request)
    job = await context.tap_jobs.create(user, asked, uploads, portal=portal, run=phase == "RUN")
    return to(request, user, f"/{job.id}")


@router.head("", include_in_schema=False)
@router.get("")
async def list_jobs(request: Request, context: Context, user: OptionalUser, given: Asked) -> Response:
    """List the user's queries, nobody's none: PHASE, AFTER and LAST choose; readers."""
    wanted = requests.wanted_jobs(given)
    jobs = await context.tap_jobs.of_owner(user.name, wanted) if user else []
    return document(documents.list_document(jobs, address_of(request, "/async")), request, user)


@router.head("/{identifier}", include_in_schema=False)
@router.get("/{identifier}")
async def describe(request: Request, context: Context, user: OptionalUser, job: Job, given: Asked) -> Response:
    """Describe a query; with WAIT the answer comes when its phase changes, or after so many seconds; its owner."""
    seconds = requests.wanted_wait(given)
    expected = given.last("PHASE")
    if seconds and expected in (None, job.phase):
        job = await context.tap_jobs.wait(job, seconds)
    return document(documents.job_document(job, job_url(request, job)), request, user)


@router.post("/{identifier}")
async def act(request: Request, context: Context, user: OptionalUser, job: Job, given: Asked) -> Response:
    """Delete a query (ACTION=DELETE), or run or abort it (PHASE); its owner."""
    action = (given.last("ACTION") or "").strip().upper()
    if action == "DELETE":
        return await delete(request, context, user, job)
    if action or given.last("PHASE") is None:
        raise BadParameter(
            f"ACTION={action[:40]!r} is not answered.", "Accepted: DELETE; or PHASE=RUN, PHASE=ABORT.", field="ACTION"
        )
    return await set_phase(request, context, user, job, given)


@router.delete("/{identifier}")
async def delete(request: Request, context: Context, user: OptionalUser, job: Job) -> Response:
    """Remove a query with its result, wherever it runs; its owner."""
    await context.tap_jobs.remove(job)
    return to(request, user, "")


@router.head("/{identifier}/phase", include_in_schema=False)
@router.get("/{identifier}/phase")
async def phase(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give a query's phase, a word; its owner."""
    return plain(job.phase, request, user)


@router.post("/{identifier}/phase")
async def set_phase(request: Request, context: Context, user: OptionalUser, job: Job, given: Asked) -> Response:
    """Run or abort a query; its owner."""
    match requests.wanted_phase(given):
        case "RUN":
            await context.tap_jobs.run(job)
        case "ABORT":
            await context.tap_jobs.abort(job)
        case None:
            raise BadParameter("PHASE is missing.", "Accepted: RUN, ABORT.", field="PHASE")
    return to(request, user, f"/{job.id}")


@router.head("/{identifier}/executionduration", include_in_schema=False)
@router.get("/{identifier}/executionduration")
async def duration(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give how long a query may run, seconds; its owner."""
    return plain(str(round(job.seconds)), request, user)


@router.post("/{identifier}/executionduration")
async def set_duration(request: Request, context: Context, user: OptionalUser, job: Job, given: Asked) -> Response:
    """Change how long a query may run that has not begun (EXECUTIONDURATION), within the service's limit; its owner."""
    await context.tap_jobs.set_seconds(job, requests.wanted_seconds(given))
    return to(request, user, f"/{job.id}")


@router.head("/{identifier}/destruction", include_in_schema=False)
@router.get("/{identifier}/destruction")
async def destruction(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give when a query is removed, ISO 8601; its owner."""
    return plain(documents.moment(job.destruction), request, user)


@router.post("/{identifier}/destruction")
async def set_destruction(request: Request, context: Context, user: OptionalUser, job: Job, given: Asked) -> Response:
    """Change when a query is removed (DESTRUCTION), within the service's limit; its owner."""
    await context.tap_jobs.set_destruction(job, requests.wanted_destruction(given))
    return to(request, user, f"/{job.id}")


@router.head("/{identifier}/quote", include_in_schema=False)
@router.get("/{identifier}/quote")
async def quote(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give when a query will have ended: nothing, as nobody knows; its owner."""
    return plain("", request, user)


@router.head("/{identifier}/owner", include_in_schema=False)
@router.get("/{identifier}/owner")
async def owner(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give who made a query, nothing where nobody did; its owner."""
    return plain(job.owner or "", request, user)


@router.head("/{identifier}/parameters", include_in_schema=False)
@router.get("/{identifier}/parameters")
async def parameters(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give a query's parameters; its owner."""
    return document(documents.parameters_document(job), request, user)


@router.post("/{identifier}/parameters")
async def set_parameters(
    request: Request, context: Context, user: OptionalUser, job: Job, given: Asked, uploads: Uploads
) -> Response:
    """Add parameters to a query that is not run yet, or change them; its owner."""
    await context.tap_jobs.set_parameters(job, requests.query_parameters(given), uploads)
    return to(request, user, f"/{job.id}")


@router.head("/{identifier}/parameters/{name}", include_in_schema=False)
@router.get("/{identifier}/parameters/{name}")
async def parameter(request: Request, user: OptionalUser, job: Job, name: str) -> Response:
    """Give the value of one parameter; its owner."""
    value = job.parameter(name.upper())
    if value is None:
        known = ", ".join(sorted({known for known, _ in job.parameters})) or "none"
        raise NotFound(f"This query has no parameter {name[:40]!r}.", f"It has: {known}.")
    return plain(value, request, user)


@router.head("/{identifier}/error", include_in_schema=False)
@router.get("/{identifier}/error")
async def error(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give why a query failed, as a VOTable (TAP 1.1, section 3.3); its owner."""
    if job.phase != "ERROR":
        raise NotFound(f"This query has no error: it is {job.phase}.")
    content = votable.votable_error(documents.words_of(job))
    return identified(Response(content, media_type=votable.MEDIA_TYPE), request, user)


@router.head("/{identifier}/results", include_in_schema=False)
@router.get("/{identifier}/results")
async def results(request: Request, user: OptionalUser, job: Job) -> Response:
    """Give where a query's result is; its owner."""
    return document(documents.results_document(job, job_url(request, job)), request, user)


@router.head("/{identifier}/results/result", include_in_schema=False)
@router.get("/{identifier}/results/result")
def result(request: Request, context: Context, user: OptionalUser, job: Job) -> Response:
    """Give a query's result, whole or in part; its owner."""
    kept = context.tap_jobs.results
    return identified(download_of(request, kept.storage, kept.file(job), removed()), request, user)


def job_url(request: Request, job: TapJob) -> str:
    """Give where a job is."""
    return address_of(request, f"/async/{job.id}")


def to(request: Request, user: OptionalUser, path: str) -> Response:
    """Send the client on to a path below `tap/async`, as UWS wants it after every change."""
    return identified(RedirectResponse(address_of(request, f"/async{path}"), 303), request, user)


def plain(text: str, request: Request, user: OptionalUser) -> Response:
    """Answer with a text."""
    return identified(PlainTextResponse(text), request, user)
