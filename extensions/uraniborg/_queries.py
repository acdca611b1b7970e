"""Queries: ADQL, and the cone that most of them are."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from uraniborg._connection import current
from uraniborg._errors import UraniborgError
from uraniborg._portal import Portal, segment

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.table import Table
    from astropy.units import Quantity

    from uraniborg._result import Result

REMOTE_SECONDS = 3600.0
"""Longest silence of the portal while another service works at a query; its own limit is shorter."""


def query(
    adql: str, *, rows: int | None = None, uploads: Mapping[str, Table] | None = None, service: str | None = None
) -> Result:
    """Give the rows of an ADQL query as an astropy Table.

    Parameters
    ----------
    adql
        The query, ADQL 2.1.
    rows
        Rows given at most; the portal's own limit where None. Where more exist, a warning says so.
    uploads
        Tables that the query reads as `TAP_UPLOAD.name`, by their names; the portal's own catalogs only.
    service
        Another TAP service that is to answer, by its name ("gaia", "vizier", "simbad", "rsp") or its address; the
        portal asks it, as nobody. Its tables are public ones, and the language is that service's ADQL.

    Raises
    ------
    UraniborgError
        The query is refused (the message says where, in the words of the service that refuses it), or took too long.
    """
    request: dict[str, object] = {"adql": str(adql)} | ({"rows": rows} if rows is not None else {})
    portal = current()
    if service is not None:
        if uploads:
            raise UraniborgError("Other services read no tables of yours.", "Leave out uploads.", field="uploads")
        asked = {**request, "service": str(service)}
        return fetch(portal, portal.post("api/remote/queries", asked, seconds=REMOTE_SECONDS))
    if uploads:
        request["uploads"] = {name: sent(portal, table) for name, table in uploads.items()}
    return fetch(portal, portal.post("api/queries", request))


def cone(
    target: str | SkyCoord,
    radius: str | float | Quantity = "30 arcmin",
    catalog: str = "hipparcos",
    *,
    rows: int = 100_000,
    epoch: float | None = None,
) -> Result:
    """Give the rows of a catalog around a target.

    Parameters
    ----------
    target
        A name ("M42"), coordinates in any common notation, or a `SkyCoord` of one position.
    radius
        With its unit ("30 arcmin", an angle), or a number of degrees.
    catalog
        The catalog's name.
    rows
        Rows given at most.
    epoch
        Julian year to which stars with proper motions are moved; the catalog's own where None.

    Raises
    ------
    UraniborgError
        The name, radius or catalog is not known.
    """
    form: dict[str, object] = {
        "catalog": str(catalog),
        "target": _target(target),
        "radius": f"{radius} deg" if isinstance(radius, int | float) else str(radius),
        "filters": [],
        "columns": None,
        "rows": rows,
        "order": None,
        "epoch": epoch,
    }
    made = current().post("api/queries/form", form)
    result = query(made["adql"], rows=rows)
    result.meta["notes"] = tuple(dict.fromkeys((*made.get("notes", ()), *result.meta["notes"])))
    result.meta["center"] = made.get("center")
    return result


def targets(given: str | Table) -> Result:
    """Give a list of targets as a table with their positions, for `query` to read; or make one of a table.

    Parameters
    ----------
    given
        A target in each line (`M31`, `10.68 41.27`, `00:42:44.3 +41:16:09`, `my star, 10.68, 41.27`), or a table with
        columns of positions or of names, whose columns stay. Lines and rows that are no target are left out, and a
        warning tells each.

    Raises
    ------
    UraniborgError
        Nothing of it is a target.
    """
    portal = current()
    asked = {"text": given} if isinstance(given, str) else {"table": sent(portal, given)}
    made = portal.post("api/targets", asked)
    if made["left_out"]:
        told = "; ".join(f"{each['number']} {each['text']!r}: {each['why']}" for each in made["problems"][:10])
        warnings.warn(f"{made['left_out']:,} left out, by line or row: {told}", stacklevel=2)
    return fetch(portal, made)


def result(identifier: str) -> Result:
    """Give the rows of a kept result, or of a kept list of targets, by the id that its page's address ends with.

    Raises
    ------
    UraniborgError
        There is none, or its time is over.
    """
    return stored(identifier, current())


def sent(portal: Portal, table: Table) -> str:
    """Give the id of a table that the portal keeps from now on."""
    from astropy.table import Table

    plain = Table(table, copy=False)
    # What a result knows of itself is no part of a VOTable.
    plain.meta = {}
    file = BytesIO()
    plain.write(file, format="votable", tabledata_format="binary2")
    return str(portal.send("api/tables", file.getvalue())["id"])


def fetch(portal: Portal, described: dict[str, Any]) -> Result:
    """Give the rows of a query that the portal has answered, from its description."""
    from uraniborg._result import build

    result = build(described, portal.content(f"api/queries/{described['id']}/file?format=arrow"))
    if result.meta["overflow"]:
        warnings.warn(
            f"More rows exist than the {len(result):,} given: pass a larger `rows`, or narrow the query.", stacklevel=3
        )
    return result


def stored(identifier: str, portal: Portal) -> Result:
    """Give the rows of a query that was made before, in the portal or in a widget."""
    return fetch(portal, portal.get(f"api/queries/{segment(identifier)}"))


def _target(target: str | SkyCoord) -> str:
    """Give a target in words: a `SkyCoord` becomes its ICRS degrees."""
    if isinstance(target, str):
        return target
    icrs = target.icrs
    return f"{float(icrs.ra.deg):.9f} {float(icrs.dec.deg):+.9f}"
