"""Instruments, jobs and products over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Body, Header, Query, Request
from fastapi.responses import FileResponse, Response
from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent

from uraniborg_portal.downloads import download_of
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.identity.dependencies import OptionalUser, RequiredUser
from uraniborg_portal.instruments.dependencies import AllJobs
from uraniborg_portal.instruments.installed import instrument, instruments
from uraniborg_portal.instruments.job_models import Event
from uraniborg_portal.instruments.models import Instrument
from uraniborg_portal.instruments.parameters import check, json_schema
from uraniborg_portal.instruments.products import removed
from uraniborg_portal.instruments.refusals import shown

router = APIRouter(tags=["instruments"])


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
def list_jobs(user: RequiredUser, jobs: AllJobs) -> list[dict[str, Any]]:
    """List the user's own jobs, the newest first. Signed-in users only."""
    return [job.as_json() for job in jobs.store.jobs(user.name)]


@router.get("/api/jobs/{identifier}")
def show_job(identifier: str, user: RequiredUser, jobs: AllJobs) -> dict[str, Any]:
    """Show a job. Its owner only."""
    return jobs.store.job(identifier, user.name).as_json()


@router.get("/api/jobs/{identifier}/events")
async def follow(
    identifier: str,
    user: RequiredUser,
    jobs: AllJobs,
    last_event_id: Annotated[str, Header()] = "0",
    after: Annotated[str, Query()] = "0",
) -> EventSourceResponse:
    """Push the events of a job: those from the start, or after `Last-Event-ID` or `after`, then those to come.

    `after` is for browsers, which send no header of a page's choosing. While nothing happens a `ping` comes every 15 s.
    Its owner only.
    """
    known = max(number_of("Last-Event-ID", last_event_id), number_of("after", after))
    job = await asyncio.to_thread(jobs.store.job, identifier, user.name)
    head = {"X-Accel-Buffering": "no"}
    return EventSourceResponse(pushed(jobs.follow(job, known)), headers=head, ping_message_factory=ping)


def number_of(name: str, given: str) -> int:
    """Read the number of an event; anything else is refused."""
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise BadParameter(f"{name}: given {shown(given)}; accepted: the number of an event.")
    return int(given)


def ping() -> ServerSentEvent:
    """Give what is pushed while nothing happens: an event, as pages hear no comments."""
    return ServerSentEvent("", event="ping")


async def pushed(events: AsyncIterator[Event]) -> AsyncIterator[JSONServerSentEvent]:
    """Give the events as the server pushes them."""
    async for event in events:
        yield JSONServerSentEvent(event.data, event=event.kind, id=str(event.number))


@router.post("/api/jobs/{identifier}/cancel")
async def cancel(identifier: str, user: RequiredUser, jobs: AllJobs) -> dict[str, Any]:
    """Cancel a job. Its owner only."""
    job = await jobs.cancel(await asyncio.to_thread(jobs.store.job, identifier, user.name))
    return job.as_json()


@router.get("/api/products")
def list_products(user: RequiredUser, jobs: AllJobs) -> list[dict[str, Any]]:
    """List the products of the user's own jobs, the latest first. Signed-in users only."""
    return [asdict(product) for product in jobs.store.products(user.name)]


@router.get("/api/products/{identifier}")
def show_product(identifier: str, jobs: AllJobs) -> dict[str, Any]:
    """Describe a product: facts, files, parameters, provenance, log, the Python that repeats it.

    Whoever knows its identifier may ask; it can't be guessed.
    """
    return jobs.products.document(jobs.store.product(identifier).id)


@router.get("/api/products/{identifier}/view")
def view(request: Request, identifier: str, jobs: AllJobs) -> Response:
    """Give a product's Bokeh view (`json_item`). Whoever knows its identifier may ask."""
    return download_of(request, jobs.products.storage, jobs.products.view(jobs.store.product(identifier).id), removed())


@router.get("/api/products/{identifier}/files/{name}")
def download(request: Request, identifier: str, name: str, jobs: AllJobs) -> Response:
    """Give one file of a product, to be saved. Whoever knows the product's identifier may ask."""
    file = jobs.products.file(jobs.store.product(identifier).id, name)
    return download_of(request, jobs.products.storage, file, removed())
