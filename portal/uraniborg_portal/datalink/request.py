"""The parameters of a DataLink request (DataLink 1.1, section 2.1; DALI 1.1, section 3.4); pure."""

from __future__ import annotations

from dataclasses import dataclass

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats.votable import LINKS_TYPE
from uraniborg_portal.settings import QueryLimits
from uraniborg_portal.tap.given import Given
from uraniborg_portal.tap.params import row_limit

MOST_IDENTIFIERS = 1_000
"""Identifiers of a request that are answered; where there are more the answer says OVERFLOW."""
ACCEPTED = ("votable", "votable/td", "application/x-votable+xml", "text/xml", "application/xml")
"""What RESPONSEFORMAT may be, in lower case, before a `;`: there is one form of links only."""


@dataclass(frozen=True, kw_only=True)
class LinksRequest:
    """A request for links."""

    identifiers: tuple[str, ...]
    """Each once, in the order in which they are given."""
    most: int
    """Links that are given at most."""


def read_request(given: Given, limits: QueryLimits) -> LinksRequest:
    """Give what a request asks for.

    Raises
    ------
    BadParameter
        RESPONSEFORMAT or MAXREC has a value that is not accepted.
    """
    wanted = given.last("RESPONSEFORMAT") or LINKS_TYPE
    if wanted.partition(";")[0].strip().lower() not in ACCEPTED:
        raise BadParameter(
            f"RESPONSEFORMAT={wanted[:60]!r} is not answered.", f"Accepted: votable, {LINKS_TYPE}.",
            field="RESPONSEFORMAT",
        )  # fmt: skip
    identifiers = dict.fromkeys(each.strip() for each in given.all("ID"))
    return LinksRequest(identifiers=tuple(filter(None, identifiers)), most=row_limit(given.last("MAXREC"), limits))
