"""What every request's address is checked for: characters that no text has, and, for the API, unknown parameters."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from uraniborg_portal.errors import BadParameter, NotFound

NUL = "\x00"
PRINTABLE = "Accepted: printable characters."


async def check_characters(request: Request) -> None:
    """Let pass an address without NUL: nothing has it in its name, and PostgreSQL takes no text with it.

    Raises
    ------
    NotFound
        The path has one.
    BadParameter
        A query parameter has one.
    """
    if NUL in request.scope["path"]:
        raise NotFound("Nothing has the character U+0000 in its name.", PRINTABLE)
    for name, value in request.query_params.multi_items():
        if NUL in name or NUL in value:
            raise BadParameter(f"The parameter {name[:60]!r} has the character U+0000.", PRINTABLE, field=name[:60])


async def check_known(request: Request) -> None:
    """Let pass an API request all of whose query parameters its route reads.

    Raises
    ------
    BadParameter
        One is unknown; the message lists the accepted ones.
    """
    route = request.scope.get("route")
    below = request.url.path.removeprefix(request.app.state.prefix)
    if not isinstance(route, APIRoute) or not below.startswith("api/"):
        return
    accepted = set(parameter_names(route.dependant))
    unknown = sorted(set(request.query_params) - accepted)
    if unknown:
        words = ", ".join(sorted(accepted)) or "none"
        raise BadParameter(f"The parameter {unknown[0][:60]!r} is unknown; accepted: {words}.", field=unknown[0][:60])


def parameter_names(dependant: Dependant) -> Iterator[str]:
    """Give the names of the query parameters that a route and its dependencies read."""
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (field.alias or name for name, field in model.model_fields.items())
        else:
            yield parameter.alias
    for dependency in dependant.dependencies:
        yield from parameter_names(dependency)
