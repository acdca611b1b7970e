"""Every failure of the broker that a user can meet: its code, its HTTP status, its words and its remedy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

LONGEST_SHOWN = 60
"""Characters of a given value that a message repeats."""


def shown(value: object) -> str:
    """Give a value from outside as short ASCII text for a message, whatever it holds."""
    text = json.dumps(value, ensure_ascii=True, default=repr)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


class PoolError(Exception):
    """A failure with words for a user.

    Parameters
    ----------
    message
        What was given and what is accepted.
    remedy
        What to do next; empty where the message says it all.
    field
        The name of the parameter at fault.
    """

    code = "internal"
    status = 500
    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str, remedy: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field

    def as_json(self) -> dict[str, object]:
        """Give the platform's one JSON form of an error: `error`, `message`, `remedy`, `field`."""
        return {"error": self.code, "message": self.message, "remedy": self.remedy, "field": self.field}


class BadParameter(PoolError):
    """A parameter that is missing, unknown, of the wrong type or out of bounds."""

    code = "bad_parameter"
    status = 400


class SignInNeeded(PoolError):
    """No token, or one that the hub does not know."""

    code = "sign_in_needed"
    status = 401
    headers = MappingProxyType({"WWW-Authenticate": 'Bearer realm="pools"'})


class NotAllowed(PoolError):
    """The asker is known and may not do this."""

    code = "not_allowed"
    status = 403


class NotFound(PoolError):
    """The asker has no pool, and there is no page, of this name."""

    code = "not_found"
    status = 404


class MethodRefused(PoolError):
    """The address exists and does not answer this HTTP method."""

    code = "method_refused"
    status = 405


class Conflict(PoolError):
    """The pool is in a state in which this can't be done."""

    code = "conflict"
    status = 409


class TooLarge(PoolError):
    """The request is larger than the limit."""

    code = "too_large"
    status = 413


class TooMany(PoolError):
    """The user, or the machine, runs as much as the limit allows."""

    code = "too_many"
    status = 429


class Unavailable(PoolError):
    """The hub, or the pool's own dashboard, does not answer now."""

    code = "unavailable"
    status = 503


class PoolFailed(PoolError):
    """The pool did not start, or broke down; the message is the reason, in a sentence."""

    code = "pool_failed"
    status = 503
