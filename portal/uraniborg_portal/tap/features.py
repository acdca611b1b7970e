"""What the service's ADQL can do beyond the core (TAPRegExt 1.0 section 2.3; ADQL 2.1 section 4)."""

from __future__ import annotations

from dataclasses import dataclass

from uraniborg_portal.adql.udf import USER_FUNCTIONS

EXTRA = "ivo://org.gavo.dc/std/exts#extra-adql-keywords"
"""GAVO's list of keywords that are no part of the standard."""
REGEXT = "ivo://ivoa.net/std/TAPRegExt#features-"


@dataclass(frozen=True, kw_only=True)
class Features:
    """Features of one kind; each has a form and a description."""

    kind: str
    """The `type` of the list, an IVOA identifier."""
    forms: tuple[tuple[str, str], ...]


def plain(kind: str, *names: str) -> Features:
    """Give features that are named by keywords."""
    return Features(kind=REGEXT + kind, forms=tuple((name, "") for name in names))


def functions() -> Features:
    """Give the user-defined functions with signature and description."""
    forms = [(form.signature, form.description) for forms in USER_FUNCTIONS.values() for form in forms]
    return Features(kind=REGEXT + "udf", forms=tuple(forms))


def features() -> tuple[Features, ...]:
    """Give every feature that the parser and binder answer."""
    return (
        plain(
            "adqlgeo", "POINT", "CIRCLE", "BOX", "POLYGON", "REGION", "CENTROID", "CONTAINS", "INTERSECTS",
            "DISTANCE", "AREA", "COORD1", "COORD2", "COORDSYS",
        ),
        functions(),
        plain("adql-string", "LOWER", "UPPER", "ILIKE"),
        plain("adql-sets", "UNION", "EXCEPT", "INTERSECT"),
        plain("adql-common-table", "WITH"),
        plain("adql-type", "CAST"),
        plain("adql-offset", "OFFSET"),
        # As ADQL 2.1 spells it: STILTS 3.4.7 is older than these lists, and takes the other spelling for a mistake.
        Features(kind="ivo://ivoa.net/std/tapregext#features-adql-conditional", forms=(("COALESCE", ""),)),
        Features(kind="ivo://ivoa.net/std/tapregext#features-adql-unit", forms=(("IN_UNIT", ""),)),
        Features(
            kind=EXTRA,
            forms=(
                ("CASE", "CASE WHEN, both forms"),
                ("CROSS JOIN", ""),
                ("& | ^ ~", "bitwise and, or, exclusive or, not of whole numbers; looser than + and -"),
            ),
        ),
    )  # fmt: skip
