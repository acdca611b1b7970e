"""The route parameter that is the portal's jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from uraniborg_portal.context import Context
from uraniborg_portal.instruments.jobs import Jobs


async def jobs_of_context(context: Context) -> Jobs:
    """Give the jobs that the process context holds."""
    return context.jobs


AllJobs = Annotated[Jobs, Depends(jobs_of_context)]
"""A route parameter of this type is the portal's jobs."""
