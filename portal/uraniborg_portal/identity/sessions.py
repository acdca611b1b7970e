"""Signed cookies: the browser's session, and the state of a sign-in under way.

The key is derived from the service's own secret, so that every replica of the portal reads every cookie and nothing
is stored. Cookies are HttpOnly, SameSite=Lax and limited to the portal's prefix.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from uraniborg_portal.address import scheme_of
from uraniborg_portal.identity.models import HubService

SESSION = "uraniborg-portal"
STATE = "uraniborg-portal-oauth"
STATE_SECONDS = 600
"""A sign-in must end within this time."""


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A sign-in under way, known to one browser only."""

    state: str
    verifier: str
    """The PKCE secret (RFC 7636)."""
    next: str
    """The path to show afterwards."""


class Cookies:
    """Writes and reads the portal's cookies."""

    def __init__(self, hub: HubService, prefix: str, session_seconds: int) -> None:
        key = hmac.new(hub.api_token.encode(), b"uraniborg portal cookies", hashlib.sha256).digest()
        self.sessions = URLSafeTimedSerializer(key, salt="session")
        self.states = URLSafeTimedSerializer(key, salt="oauth state")
        self.prefix = prefix
        self.session_seconds = session_seconds

    def token(self, request: Request) -> str | None:
        """Give the hub token of the browser's session, None where there is none that we signed."""
        try:
            value = self.sessions.loads(request.cookies.get(SESSION, ""), max_age=self.session_seconds)
        except BadSignature:
            return None
        return value if isinstance(value, str) else None

    def keep_token(self, request: Request, response: Response, token: str) -> None:
        """Sign the browser in."""
        self.set(request, response, SESSION, str(self.sessions.dumps(token)), self.session_seconds)

    def sign_in(self, request: Request) -> SignIn | None:
        """Give the sign-in that this browser started, None where there is none or its time is over."""
        try:
            value = self.states.loads(request.cookies.get(STATE, ""), max_age=STATE_SECONDS)
        except BadSignature:
            return None
        return SignIn(**value)

    def keep_sign_in(self, request: Request, response: Response, sign_in: SignIn) -> None:
        """Bind a sign-in to this browser."""
        self.set(request, response, STATE, str(self.states.dumps(asdict(sign_in))), STATE_SECONDS)

    def forget(self, response: Response, name: str) -> None:
        """Remove a cookie."""
        response.delete_cookie(name, path=self.prefix, httponly=True, samesite="lax")

    def set(self, request: Request, response: Response, name: str, value: str, seconds: int) -> None:
        """Write a cookie with the portal's limits; `Secure` where the browser came by HTTPS."""
        response.set_cookie(
            name, value, max_age=seconds, path=self.prefix, httponly=True, samesite="lax",
            secure=scheme_of(request) == "https",
        )  # fmt: skip
