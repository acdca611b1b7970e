"""How a program learns to sign in: `WWW-Authenticate` challenges as IVOA AuthVO asks, section 2.

Where a standard scheme fits, AuthVO says to use it: `Basic` (RFC 7617; any user name, the hub token as password), which
needs no earlier knowledge of the service, and `Bearer` (RFC 6750) for those who hold a token.
"""

from __future__ import annotations

from collections.abc import Mapping

from uraniborg_portal.identity.models import User

BASIC = 'Basic realm="Uraniborg", charset="UTF-8"'
BEARER = 'Bearer realm="Uraniborg"'
AUTHENTICATED = "X-VO-Authenticated"
"""AuthVO's answer header that names the user a request was made as."""


def challenges(request_headers: Mapping[str, str]) -> tuple[str, ...]:
    """Give the challenges of an answer, best first.

    A browser (it sends `Sec-Fetch-Mode`) is not offered Basic: it would open its own password window over the page.
    """
    return (BEARER,) if "sec-fetch-mode" in request_headers else (BASIC, BEARER)


def vo_headers(request_headers: Mapping[str, str], user: User | None) -> list[tuple[str, str]]:
    """Give the headers of an answer of a VO protocol.

    The name of the user, or, for an anonymous request, the challenges: an answer 200 with challenges says that
    signing in is possible (AuthVO, section 2.1).
    """
    if user:
        return [(AUTHENTICATED, user.name)]
    return [("WWW-Authenticate", challenge) for challenge in challenges(request_headers)]
