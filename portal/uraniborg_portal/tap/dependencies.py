"""Route parameters of this service: what a request gives, and the tables that come with it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from uraniborg_portal.context import Context
from uraniborg_portal.identity.dependencies import OptionalUser
from uraniborg_portal.tap.answers import address_of
from uraniborg_portal.tap.given import Given, given_by
from uraniborg_portal.tap.params import PART, UploadRequest, uploads
from uraniborg_portal.tap.uploads import fetched, missing, own_result

Asked = Annotated[Given, Depends(given_by)]
"""A route parameter of this type is what the request gives."""


async def uploads_of(request: Request, context: Context, user: OptionalUser, given: Asked) -> dict[str, bytes]:
    """Give the files of the tables that UPLOAD names, by `UploadRequest.key`.

    Raises
    ------
    BadParameter, NotFound, NotAllowed, TooLarge, Unavailable
        UPLOAD is wrong, or what it names can't be had.
    """
    found, limits = {}, context.settings.uploads
    if not context.settings.network:
        limits = limits.model_copy(update={"hosts": ()})
    for asked in uploads(";".join(given.all("UPLOAD"))):
        result = own_result(asked.uri, address_of(request))
        if result:
            found[asked.key] = await context.tap_jobs.content(result, user, limits.megabytes)
        elif not asked.uri.lower().startswith(PART):
            found[asked.key] = await fetched(asked.uri, limits)
        else:
            found[asked.key] = part(given, asked)
    return found


def part(given: Given, asked: UploadRequest) -> bytes:
    """Give the part of a request that holds a table; one without a file's name is a text to HTTP, and counts, too."""
    label = asked.uri[len(PART) :]
    if label in given.files:
        return given.files[label]
    for name, value in given.parameters:
        if name == label:
            return value.encode()
    raise missing(asked)


Uploads = Annotated[dict[str, bytes], Depends(uploads_of)]
"""A route parameter of this type is the files of the tables that come with a query, by `UploadRequest.key`."""
