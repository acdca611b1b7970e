"""What users' tables are called: the user's name, a point, and the table's, as `tycho.stars`; pure."""

from __future__ import annotations

import re

from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs import names
from uraniborg_portal.errors import BadParameter, Conflict, NotAllowed
from uraniborg_portal.identity.models import User

TAKEN = frozenset({"tap_schema", "tap_upload", "catalogs", "ivoa"})
"""Schemas of the service."""
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\"]")


def known_name(given: str) -> str:
    """Give the name as the database has it: in lower case, and without the double quotes that a query needs."""
    schema, _, table = given.rpartition(".")
    return ".".join(plain(part) for part in (schema, table) if part)


def plain(part: str) -> str:
    """Give a part of a name without double quotes around it."""
    inside = part[1:-1].replace('""', '"') if len(part) > 1 and part[0] == part[-1] == '"' else part
    return inside.lower()


def new_name(given: str, user: User) -> str:
    """Give the name of a table that a user makes.

    Raises
    ------
    BadParameter
        A query could not have the name.
    NotAllowed
        It is in somebody else's schema.
    Conflict
        The user's name is that of a schema of the service.
    """
    schema, _, table = known_name(given).rpartition(".")
    own = user.name.lower()
    if schema != own:
        raise NotAllowed(
            f"{given[:80]!r} is not among your tables: those are in the schema {delimited(own)}.",
            f"Name it {delimited(own)}.{table[:63] or 'stars'}.",
        )
    if own in TAKEN or UNPRINTABLE.search(own):
        raise Conflict(f"The name {own[:80]!r} can't be that of a schema of a user.", "Ask for another user name.")
    if not names.could_be(table) or table in names.RESERVED:
        raise BadParameter(
            f"{table[:80]!r} can't be a table's name: accepted are a letter, then letters, digits and underscores, 63 "
            "at most, and no reserved word of ADQL.",
            field="name",
        )
    return f"{own}.{table}"
