"""The jobs of a portal that answers requests: made when it starts, ended when it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from uraniborg_portal.context import ProcessContext
from uraniborg_portal.instruments.jobs import Jobs
from uraniborg_portal.instruments.store import Store


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hold the jobs while the application runs; its process context is there already."""
    context: ProcessContext = app.state.context
    jobs = Jobs(context.settings, Store(context.database))
    jobs.recover()
    app.state.jobs = jobs
    try:
        yield
    finally:
        await jobs.close()


def of_request(request: Request) -> Jobs:
    """Give the jobs that the application holds."""
    jobs: Jobs = request.app.state.jobs
    return jobs


AllJobs = Annotated[Jobs, Depends(of_request)]
"""A route parameter of this type is the portal's jobs."""
