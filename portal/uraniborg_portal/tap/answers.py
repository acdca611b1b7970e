"""Answers with the headers that every one of this service has."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from fastapi import Request, Response

from uraniborg_portal.address import portal_of
from uraniborg_portal.identity.challenges import vo_headers
from uraniborg_portal.identity.models import User
from uraniborg_portal.tap import xml

SERVER = f"Uraniborg/{version('uraniborg')} IVOA-TAP/1.1"
"""The software, as the IVOA's SoftID note asks."""


def identity_headers(request: Request, user: User | None) -> list[tuple[str, str]]:
    """Give the headers of every answer of this service."""
    known = vo_headers(request.headers, user) if user or request.app.state.context.sign_in else []
    return [("Server", SERVER), *known]


def document(content: bytes, request: Request, user: User | None) -> Response:
    """Answer with an XML document."""
    return identified(Response(content, media_type=xml.MEDIA_TYPE), request, user)


def identified(answer: Response, request: Request, user: User | None) -> Response:
    """Give the answer with the service's headers."""
    for name, value in identity_headers(request, user):
        answer.headers.append(name, value)
    return answer


def headers_alone(media_type: str, headers: Mapping[str, str]) -> Response:
    """Answer HEAD with the headers of a document whose length nobody knows, as it is not made (RFC 9110, 9.3.2)."""
    answer = Response(media_type=media_type, headers=headers)
    del answer.headers["content-length"]
    return answer


def address_of(request: Request, path: str = "") -> str:
    """Give the absolute URL of the service, or of a path below it."""
    return f"{portal_of(request)}tap{path}"
