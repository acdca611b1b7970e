"""What a request carries, read within bounds: hostile bytes become a BadParameter."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from fastapi import Request

from uraniborg_hub.pools.errors import BadParameter, TooLarge, shown

LARGEST = 10_000
"""Bytes of a body."""
LONGEST_WAIT = 30.0
"""Seconds that an answer may be held back for a change."""


async def bounded(request: Request) -> bytes:
    """Give the body; raises TooLarge as soon as it is longer than any order of a pool."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise TooLarge(f"The request's body is larger than {LARGEST} bytes.", "Send the parameters only.")
    return bytes(body)


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


async def json_object(request: Request) -> dict[str, Any]:
    """Give the body as a JSON object (RFC 8259: no NaN, no Infinity); an empty body is an empty one."""
    body = await bounded(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and body:
        raise BadParameter(f"The body is {shown(kind)}; application/json is accepted.", "Set Content-Type.")
    try:
        value = json.loads(body or b"{}", parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadParameter("The body is not JSON.", 'Send an object like {"workers": 4}.') from error
    if not isinstance(value, dict):
        raise BadParameter(f"The body is {shown(value)}; an object is accepted.", 'Send one like {"workers": 4}.')
    return value


def wait_seconds(request: Request) -> float:
    """Give the query parameter `wait`: how long the answer may be held back for a change, 0 without one."""
    given = request.query_params.get("wait", "0")
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_WAIT:
        raise BadParameter(
            f"wait is {shown(given)}; seconds from 0 to {LONGEST_WAIT:g} are accepted.", "", field="wait"
        )
    return seconds
