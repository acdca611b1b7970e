"""Route parameters of this service: what a request gives, and the tables that come with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from uraniborg_portal.context import Context
from uraniborg_portal.identity.dependencies import OptionalUser
from uraniborg_portal.tap.answers import address_of
from uraniborg_portal.tap.given import Given, given_by
from uraniborg_portal.tap.params import PART, uploads
from uraniborg_portal.tap.uploads import fetched, own_result

Asked = Annotated[Given, Depends(given_by)]
"""A route parameter of this type is what the request gives."""


async def uploads_of(request: Request, context: Context, user: OptionalUser, given: Asked) -> dict[str, bytes]:
    """Give the files of the tables that UPLOAD names, by their URIs; those that are not there are left out.

    Raises
    ------
    BadParameter, NotFound, NotAllowed, TooLarge, Unavailable
        UPLOAD is wrong, or what it names can't be had.
    """
    found, limits = {}, context.settings.uploads
    if not context.settings.network:
        limits = limits.model_copy(update={"hosts": ()})
    for asked in uploads(";".join(given.all("UPLOAD"))):
        label = asked.uri.removeprefix(PART)
        result = own_result(asked.uri, address_of(request))
        if result:
            found[asked.uri] = await context.tap_jobs.content(result, user, limits.megabytes)
        elif not asked.uri.startswith(PART):
            found[asked.uri] = await fetched(asked.uri, limits)
        elif label in given.files:
            found[asked.uri] = given.files[label]
    return found


Uploads = Annotated[dict[str, bytes], Depends(uploads_of)]
"""A route parameter of this type is the files of the tables that come with a query, by their URIs."""
