"""Instruments, jobs and products over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Header
from fastapi.responses import FileResponse
from sse_starlette import EventSourceResponse, JSONServerSentEvent

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.identity.dependencies import OptionalUser, RequiredUser
from uraniborg_portal.instruments.dependencies import AllJobs
from uraniborg_portal.instruments.event_log import EventLog
from uraniborg_portal.instruments.installed import instrument, instruments
from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.parameters import check, json_schema
from uraniborg_portal.instruments.refusals import shown

router = APIRouter(tags=["instruments"])

IMMUTABLE = {"Cache-Control": "private, max-age=31536000, immutable"}
"""Products never change."""


def card(chosen: Instrument) -> dict[str, Any]:
    """Give what a list of instruments shows."""
    return {
        "name": chosen.name,
        "title": chosen.title,
        "description": chosen.description,
        "version": chosen.version,
        "picture": f"api/instruments/{chosen.name}/picture",
        "citation": chosen.citation,
        "licence": chosen.licence,
        "products": [asdict(kind) for kind in chosen.products],
    }


@router.get("/api/instruments")
async def list_instruments() -> list[dict[str, Any]]:
    """List the installed instruments. Anybody may ask."""
    return [card(each) for each in instruments().values()]


@router.get("/api/instruments/{name}")
async def describe(name: str, user: OptionalUser, jobs: AllJobs, tasks: BackgroundTasks) -> dict[str, Any]:
    """Describe an instrument: its card, the JSON Schema of its parameters, the groups of its form.

    Anybody may ask; a signed-in user may start a job next, so that a worker is made ready.
    """
    chosen = instrument(name)
    if user:
        tasks.add_task(jobs.compute.warm, chosen.warm)
    return {**card(chosen), "schema": json_schema(chosen.parameters), "form": chosen.form}


@router.get("/api/instruments/{name}/picture")
async def picture(name: str) -> FileResponse:
    """Give the picture of an instrument's card. Anybody may ask."""
    return FileResponse(instrument(name).picture, headers={"Cache-Control": "max-age=86400"})


@router.post("/api/instruments/{name}/jobs", status_code=202)
async def start(
    name: str, user: RequiredUser, jobs: AllJobs, parameters: Annotated[dict[str, Any], Body()]
) -> dict[str, Any]:
    """Start a job with these parameters, or give the product at once where it was made before. Signed-in users only."""
    chosen = instrument(name)
    job = await jobs.submit(user.name, chosen, check(chosen.parameters, parameters))
    return job.as_json()


@router.get("/api/jobs")
async def list_jobs(user: RequiredUser, jobs: AllJobs) -> list[dict[str, Any]]:
    """List the user's own jobs, the newest first. Signed-in users only."""
    return [job.as_json() for job in jobs.store.jobs(user.name)]


@router.get("/api/jobs/{identifier}")
async def show_job(identifier: str, user: RequiredUser, jobs: AllJobs) -> dict[str, Any]:
    """Show a job. Its owner only."""
    return jobs.store.job(identifier, user.name).as_json()


@router.get("/api/jobs/{identifier}/events")
async def follow(
    identifier: str, user: RequiredUser, jobs: AllJobs, last_event_id: Annotated[str, Header()] = "0"
) -> EventSourceResponse:
    """Push the events of a job: those from the start (or after `Last-Event-ID`), then those to come. Its owner only."""
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 10):
        raise BadParameter(f"Last-Event-ID: given {shown(last_event_id)}; accepted: the number of an event.")
    job = jobs.store.job(identifier, user.name)
    return EventSourceResponse(pushed(jobs.log_of(job), int(last_event_id)), headers={"X-Accel-Buffering": "no"})


async def pushed(log: EventLog, after: int) -> AsyncIterator[JSONServerSentEvent]:
    """Give the events as the server pushes them."""
    async for event in log.follow(after):
        yield JSONServerSentEvent(event.data, event=event.kind, id=str(event.number))


@router.post("/api/jobs/{identifier}/cancel")
async def cancel(identifier: str, user: RequiredUser, jobs: AllJobs) -> dict[str, Any]:
    """Cancel a job. Its owner only."""
    job = await jobs.cancel(jobs.store.job(identifier, user.name))
    return job.as_json()


@router.get("/api/products")
async def list_products(user: RequiredUser, jobs: AllJobs) -> list[dict[str, Any]]:
    """List the products of the user's own jobs, the latest first. Signed-in users only."""
    return [asdict(product) for product in jobs.store.products(user.name)]


@router.get("/api/products/{identifier}")
async def show_product(identifier: str, jobs: AllJobs) -> dict[str, Any]:
    """Describe a product: facts, files, parameters, provenance, log, the Python that repeats it.

    Whoever knows its identifier may ask; it can't be guessed.
    """
    return jobs.products.document(jobs.store.product(identifier).id)


@router.get("/api/products/{identifier}/view")
async def view(identifier: str, jobs: AllJobs) -> FileResponse:
    """Give a product's Bokeh view (`json_item`). Whoever knows its identifier may ask."""
    path = jobs.products.view_path(jobs.store.product(identifier).id)
    return FileResponse(path, media_type="application/json", headers=IMMUTABLE)


@router.get("/api/products/{identifier}/files/{name}")
async def download(identifier: str, name: str, jobs: AllJobs) -> FileResponse:
    """Give one file of a product, to be saved. Whoever knows the product's identifier may ask."""
    path, media_type = jobs.products.file(jobs.store.product(identifier).id, name)
    return FileResponse(path, media_type=media_type, filename=name, headers=IMMUTABLE)
