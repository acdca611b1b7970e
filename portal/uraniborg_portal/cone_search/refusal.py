"""How errors leave a cone search: as SCS 1.03 has it (section 2, item 3, with erratum 3), and as DALI 1.1 has it."""

from __future__ import annotations

from fastapi import Request, Response

from uraniborg_portal.cross_origin import FROM_ANYWHERE
from uraniborg_portal.errors import PortalError
from uraniborg_portal.formats import markup, votable


def cone_refusal(request: Request, error: PortalError) -> Response:
    """Answer an error with its message and remedy in a VOTable, and its own HTTP status."""
    words = " ".join(part for part in (error.message, error.remedy) if part)
    document = votable.votable_error(words).decode()
    told = f'<INFO ID="Error" name="Error" value={markup.attribute(words)}/>\n<RESOURCE'
    content = document.replace("<RESOURCE", told, 1).encode()
    return Response(content, status_code=error.status, media_type=votable.MEDIA_TYPE, headers=FROM_ANYWHERE)
