"""How errors leave a HiPS: as JSON that scripts of other pages may read, too: a missing tile is no broken service."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from uraniborg_portal.cross_origin import FROM_ANYWHERE
from uraniborg_portal.errors import PortalError


def hips_refusal(request: Request, error: PortalError) -> Response:
    """Answer an error with its message and remedy, and its own HTTP status."""
    return JSONResponse(error.as_json(), status_code=error.status, headers=FROM_ANYWHERE)
