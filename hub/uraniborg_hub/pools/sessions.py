"""Cookies of browsers: sealed (encrypted and authenticated, Fernet), so that the hub token in them stays ours."""

from __future__ import annotations

import base64
import json
import secrets
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from fastapi import Response

from uraniborg_hub.pools.service import Service

SESSION = "uraniborg-pools"
SIGNING_IN = "uraniborg-pools-sign-in-"
"""The name goes on with the state, so that two tabs may sign in at once."""
SIGN_IN_SECONDS = 600


class Seal:
    """Seals values into text and opens them; the key comes from the service's own token, so a restart keeps sessions.

    Parameters
    ----------
    secret
        The broker's own hub token.
    seconds
        How long a sealed value is good.
    """

    def __init__(self, secret: str, seconds: int) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(sha256(b"uraniborg pools cookies " + secret.encode()).digest()))
        self._seconds = seconds

    def sealed(self, value: dict[str, str]) -> str:
        """Give the value as text that only this service can read or make."""
        return self._fernet.encrypt(json.dumps(value).encode()).decode()

    def opened(self, text: str) -> dict[str, Any] | None:
        """Give the value of a sealed text; None when it is not ours or too old."""
        try:
            value: dict[str, Any] = json.loads(self._fernet.decrypt(text.encode(), ttl=self._seconds))
        except (InvalidToken, UnicodeEncodeError):
            return None
        return value


def keep(response: Response, service: Service, name: str, value: str, seconds: int) -> None:
    """Set a cookie that only this service gets, and no script."""
    response.set_cookie(
        name, value, max_age=seconds, path=service.prefix, secure=service.secure, httponly=True, samesite="lax"
    )


def challenge(verifier: str) -> str:
    """Give the S256 challenge of a PKCE verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def new_secret() -> str:
    """Give 256 random bits as text."""
    return secrets.token_urlsafe(32)
