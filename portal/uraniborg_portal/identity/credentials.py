"""What a request brings to say who asks; pure."""

from __future__ import annotations

import base64
import binascii

from uraniborg_portal.errors import SignInNeeded

ACCEPTED = "Send a hub token as 'Authorization: Bearer TOKEN', or as the password of HTTP Basic with any user name."


def token_of_header(authorization: str) -> str:
    """Give the hub token of an `Authorization` header: `Bearer T`, `token T`, or `Basic base64(anyone:T)`.

    Raises
    ------
    SignInNeeded
        The header holds no token in one of these forms.
    """
    scheme, _, rest = authorization.strip().partition(" ")
    value = rest.strip()
    if scheme.lower() == "basic":
        value = basic_password(value)
    elif scheme.lower() not in ("bearer", "token"):
        raise SignInNeeded(f"The authorization scheme {scheme[:20]!r} is not accepted.", ACCEPTED)
    if not value or len(value) > 512 or not value.isascii() or not value.isprintable():
        raise SignInNeeded("The Authorization header holds no hub token.", ACCEPTED)
    return value


def basic_password(value: str) -> str:
    """Give the password of HTTP Basic credentials (RFC 7617), empty where they can't be read."""
    try:
        text = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return text.partition(":")[2]
