"""The parameters of a TAP request (TAP 1.1 section 2.7, DALI 1.1 section 3.4): any case, unknown ones ignored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from uraniborg_portal import formats
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.formats import Format
from uraniborg_portal.settings import QueryLimits

LANGUAGES = ("ADQL", "ADQL-2.0", "ADQL-2.1")
KNOWN = ("LANG", "QUERY", "MAXREC", "RESPONSEFORMAT", "FORMAT", "REQUEST", "UPLOAD", "RUNID", "VERSION", "EXPLAIN")
SWITCH = {"1": True, "true": True, "0": False, "false": False, "": False}
"""Values of a parameter that asks for something or not."""


@dataclass(frozen=True, kw_only=True)
class QueryRequest:
    """A query that a client asks for."""

    adql: str
    maxrec: int
    format: Format
    explain: bool
    """Whether the plan is wanted in place of the rows: an addition of ours to TAP."""


def read_request(given: Iterable[tuple[str, str]], limits: QueryLimits) -> QueryRequest:
    """Give the query of a request's parameters.

    Raises
    ------
    BadParameter
        A parameter is missing, given twice with different values, or has a value that is not accepted.
    """
    values = single_values(given)
    check_fixed(values)
    if not values.get("QUERY", "").strip():
        raise BadParameter("QUERY is missing: it holds the ADQL.", "Add QUERY=SELECT ...", field="QUERY")
    wanted = values.get("RESPONSEFORMAT") or values.get("FORMAT") or "votable"
    return QueryRequest(
        adql=values["QUERY"],
        maxrec=row_limit(values.get("MAXREC"), limits),
        format=formats.find(wanted),
        explain=switch("EXPLAIN", values.get("EXPLAIN", "")),
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
    if values.get("UPLOAD"):
        raise BadParameter(
            "UPLOAD is not offered by this service.", "Query the tables that /tables lists.", field="UPLOAD"
        )


def row_limit(given: str | None, limits: QueryLimits) -> int:
    """Give the rows that are returned at most: what MAXREC says, within the service's own limit."""
    if given is None or not given.strip():
        return limits.default_rows
    digits = given.strip()
    if not (digits.isascii() and digits.isdigit()):
        raise BadParameter(f"MAXREC={given[:40]!r} is not a number of rows: 0, 1, 2, ...", field="MAXREC")
    return min(int(digits[:18]), limits.maximum_rows)
