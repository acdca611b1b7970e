"""How errors leave a HiPS: as JSON that scripts of other pages may read, too: a missing tile is no broken service."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from uraniborg_portal.errors import PortalError

FROM_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
"""Scripts of any page may read what they get as nobody: a browser sends no credential where `*` is the answer."""


def hips_refusal(request: Request, error: PortalError) -> Response:
    """Answer an error with its message and remedy, and its own HTTP status."""
    return JSONResponse(error.as_json(), status_code=error.status, headers=FROM_ANYWHERE)
