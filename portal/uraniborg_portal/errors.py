"""Every failure that a user can meet: its code, its HTTP status, its words and its remedy.

A class owns `code` (for programs) and `status` (HTTP). The message says what was given and what is accepted; the
remedy says what to do next. Routes never format error text: they raise, and `render.errors` answers.
"""

from __future__ import annotations


class PortalError(Exception):
    """A failure with words for a user.

    Parameters
    ----------
    message
        One sentence: what was given and what is accepted.
    remedy
        One sentence: what to do next; empty where the message says it all.
    field
        The name of the parameter or form field at fault, so that a form can show the message beside it.
    """

    code = "internal"
    status = 500

    def __init__(self, message: str, remedy: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field

    def as_json(self) -> dict[str, str | None]:
        """Give the one JSON form of an error: `error`, `message`, `remedy`, `field`."""
        return {"error": self.code, "message": self.message, "remedy": self.remedy, "field": self.field}


class BadParameter(PortalError):
    """A parameter that is missing, unknown, of the wrong type or out of bounds."""

    code = "bad_parameter"
    status = 400


class QueryRefused(PortalError):
    """Text that is not an ADQL query that we answer; `line` and `column` (from 1) say where."""

    code = "query_refused"
    status = 400

    def __init__(self, message: str, remedy: str = "", *, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, remedy, field="QUERY")
        self.line = line
        self.column = column


class SignInNeeded(PortalError):
    """The route wants a signed-in user; the answer carries AuthVO challenges."""

    code = "sign_in_needed"
    status = 401


class NotAllowed(PortalError):
    """The user is known and may not do this."""

    code = "not_allowed"
    status = 403


class NotFound(PortalError):
    """Nothing has this name; `suggestions` are the nearest known names, best first."""

    code = "not_found"
    status = 404

    def __init__(
        self, message: str, remedy: str = "", *, field: str | None = None, suggestions: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, remedy, field=field)
        self.suggestions = suggestions


class TookTooLong(PortalError):
    """The time limit passed."""

    code = "took_too_long"
    status = 408


class Conflict(PortalError):
    """The thing exists already, or is in a state in which this can't be done."""

    code = "conflict"
    status = 409


class QueryStopped(PortalError):
    """Somebody stopped the query."""

    code = "stopped"
    status = 409


class TooLarge(PortalError):
    """The request, or what it would make, is larger than the limit."""

    code = "too_large"
    status = 413


class TooMany(PortalError):
    """The user has as much running as the limit allows."""

    code = "too_many"
    status = 429


class Unavailable(PortalError):
    """Something that this needs does not answer now (the hub, the network, a full disk)."""

    code = "unavailable"
    status = 503


class WorkerLost(Unavailable):
    """The process that did the work ended before it was done: somebody killed it, or the machine had no memory left."""


class StateTooNew(PortalError):
    """The state folder or the database was written by a newer version; it is left as it is."""

    code = "state_too_new"
    status = 503


class Unexpected(PortalError):
    """A fault of ours; the log holds its traceback under an id that the message names."""

    def __init__(self, identifier: str) -> None:
        super().__init__(
            f"Something went wrong here that should not have; the log has it under {identifier}.",
            f"Try again; if it happens again, report it with {identifier}.",
        )
