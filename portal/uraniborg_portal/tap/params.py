"""The parameters of a TAP request (TAP 1.1 section 2.7, DALI 1.1 section 3.4): any case, unknown ones ignored."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from uraniborg_portal import formats, negotiation
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import Format
from uraniborg_portal.settings import QueryLimits

LANGUAGES = ("ADQL", "ADQL-2.0", "ADQL-2.1")
KNOWN = ("LANG", "QUERY", "MAXREC", "RESPONSEFORMAT", "FORMAT", "REQUEST", "UPLOAD", "RUNID", "VERSION", "EXPLAIN")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
"""Names that an uploaded table may have."""
PART = "param:"
SCHEMES = (PART, "http://", "https://")
MOST_UPLOADS = 10
SWITCH = {"1": True, "true": True, "0": False, "false": False, "": False}
"""Values of a parameter that asks for something or not."""


@dataclass(frozen=True, kw_only=True)
class UploadRequest:
    """A table that comes with a query."""

    name: str
    """Behind `TAP_UPLOAD.`."""
    uri: str
    """Where it is: `param:LABEL`, a part of the same request, or a URL."""

    @property
    def key(self) -> str:
        """What its file is kept by: names differ by more than case."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True)
class QueryRequest:
    """A query that a client asks for."""

    adql: str
    maxrec: int
    format: Format
    explain: bool
    """Whether the plan is wanted in place of the rows: an addition of ours to TAP."""
    uploads: tuple[UploadRequest, ...] = ()
    """Tables that come with the query."""


def read_request(given: Iterable[tuple[str, str]], limits: QueryLimits, accept: str | None = None) -> QueryRequest:
    """Give the query of a request's parameters; `accept` is its header, by which a format is found if none is named.

    Raises
    ------
    BadParameter
        A parameter is missing, given twice with different values, or has a value that is not accepted.
    """
    values = single_values(given)
    check_fixed(values)
    if not values.get("QUERY", "").strip():
        raise BadParameter("QUERY is missing: it holds the ADQL.", "Add QUERY=SELECT ...", field="QUERY")
    named = values.get("RESPONSEFORMAT") or values.get("FORMAT")
    wanted = named or negotiation.media_type(accept, formats.media_types()) or "votable"
    return QueryRequest(
        adql=values["QUERY"],
        maxrec=row_limit(values.get("MAXREC"), limits),
        format=formats.find(wanted),
        explain=switch("EXPLAIN", values.get("EXPLAIN", "")),
        uploads=uploads(values.get("UPLOAD", "")),
    )


def switch(name: str, given: str) -> bool:
    """Give whether a parameter asks for what it names."""
    wanted = SWITCH.get(given.strip().lower())
    if wanted is None:
        raise BadParameter(f"{name}={given[:40]!r} is neither 1 nor 0.", field=name)
    return wanted


def single_values(given: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give the known parameters in upper case, each once."""
    values: dict[str, str] = {}
    for name, value in given:
        key = name.upper()
        if key not in KNOWN:
            continue
        if key == "UPLOAD":
            values[key] = ";".join(part for part in (values.get(key), value) if part)
            continue
        if values.setdefault(key, value) != value:
            raise BadParameter(f"{key} is given twice with different values.", f"Give {key} once.", field=key)
    return values


def check_fixed(values: dict[str, str]) -> None:
    """Let pass requests for what this service does."""
    language = values.get("LANG", "ADQL")
    if language.upper() not in LANGUAGES:
        accepted = ", ".join(LANGUAGES)
        raise BadParameter(f"LANG={language[:40]!r} is not answered.", f"Accepted: {accepted}.", field="LANG")
    if values.get("REQUEST", "doQuery").lower() != "doquery":
        raise BadParameter("REQUEST can only be doQuery.", "Leave it out.", field="REQUEST")


def uploads(given: str) -> tuple[UploadRequest, ...]:
    """Give what UPLOAD asks for: `name,uri;name,uri` (TAP 1.1, section 2.5).

    Raises
    ------
    BadParameter
        It has another form, or names a table twice.
    """
    found: dict[str, UploadRequest] = {}
    for pair in filter(None, (part.strip() for part in given.split(";"))):
        name, comma, uri = (part.strip() for part in pair.partition(","))
        if not comma or not NAME.fullmatch(name) or not uri.lower().startswith(SCHEMES):
            raise BadParameter(
                f"UPLOAD={pair[:80]!r} is not a table's name, a comma, and where the table is.",
                "Accepted: name,param:LABEL with a file LABEL in the same request, or name,URL; and a ; between two.",
                field="UPLOAD",
            )
        each = UploadRequest(name=name, uri=uri)
        if each.key in found:
            raise BadParameter(f"UPLOAD names {name!r} twice.", "Give each table a name of its own.", field="UPLOAD")
        found[each.key] = each
    if len(found) > MOST_UPLOADS:
        raise BadParameter(f"UPLOAD has {len(found)} tables; accepted: {MOST_UPLOADS}.", field="UPLOAD")
    return tuple(found.values())


def upload_value(asked: Iterable[UploadRequest]) -> str:
    """Give UPLOAD's value that asks for these."""
    return ";".join(f"{each.name},{each.uri}" for each in asked)


def row_limit(given: str | None, limits: QueryLimits) -> int:
    """Give the rows that are returned at most: what MAXREC says, within the service's own limit."""
    if given is None or not given.strip():
        return limits.default_rows
    digits = given.strip()
    if not (digits.isascii() and digits.isdigit()):
        raise BadParameter(f"MAXREC={given[:40]!r} is not a number of rows: 0, 1, 2, ...", field="MAXREC")
    return min(int(digits[:18]), limits.maximum_rows)
