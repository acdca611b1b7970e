"""How errors leave the TAP service: a VOTable whose QUERY_STATUS is ERROR (DALI 1.1 section 4.2)."""

from __future__ import annotations

from fastapi import Request, Response

from uraniborg_portal.errors import PortalError
from uraniborg_portal.formats import votable


def votable_answer(request: Request, error: PortalError) -> Response:
    """Answer an error with its message and remedy in a VOTable, and its own HTTP status."""
    words = " ".join(part for part in (error.message, error.remedy) if part)
    return Response(votable.votable_error(words), status_code=error.status, media_type=votable.MEDIA_TYPE)
