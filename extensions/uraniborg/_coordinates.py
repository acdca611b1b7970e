"""Rows as positions on the sky: ICRS, at the epoch of their catalog, moving where the motions are known."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import astropy.units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time

if TYPE_CHECKING:
    from astropy.table import Column

    from uraniborg._result import Result


def of_columns(result: Result) -> SkyCoord:
    """Give the positions of a result.

    Proper motions are used where both columns are there (mu_alpha* and mu_delta, mas/yr unless they carry a unit).

    Raises
    ------
    ValueError
        The result has no position columns.
    """
    position: dict[str, str] = result.meta.get("position") or {}
    ra, dec = position.get("ra"), position.get("dec")
    if ra not in result.colnames or dec not in result.colnames:
        raise ValueError("This result has no positions: select the right ascension and the declination too.")
    motion = _motion(result)
    epoch = result.meta.get("epoch")
    when = {"obstime": Time(epoch, format="jyear", scale="tcb")} if epoch else {}
    return SkyCoord(ra=_quantity(result[ra], u.deg), dec=_quantity(result[dec], u.deg), frame="icrs", **motion, **when)


def at(result: Result, year: float) -> SkyCoord:
    """Give the positions moved along their proper motions to a Julian year.

    Radial motion is left out: it changes a position by far less than the proper motions' own errors.

    Raises
    ------
    ValueError
        The result has no positions, no proper motions, or no epoch.
    """
    if not _motion(result) or not result.meta.get("epoch"):
        raise ValueError("Nothing to move by: select both proper motions of a catalog whose positions have an epoch.")
    then = Time(year, format="jyear", scale="tcb")
    with warnings.catch_warnings():
        # Positions without a distance are moved as if far away, which is what is wanted here.
        warnings.filterwarnings("ignore", message='ERFA function "pmsafe"')
        places: SkyCoord = of_columns(result).apply_space_motion(new_obstime=then)
    return places


def _motion(result: Result) -> dict[str, u.Quantity]:
    """Give the proper motions, found by their UCDs; nothing where one of them was not selected."""
    pmra, pmdec = (_with_ucd(result, ucd) for ucd in ("pos.pm;pos.eq.ra", "pos.pm;pos.eq.dec"))
    if pmra is None or pmdec is None:
        return {}
    unit = u.mas / u.yr
    return {"pm_ra_cosdec": _quantity(result[pmra], unit), "pm_dec": _quantity(result[pmdec], unit)}


def _with_ucd(result: Result, ucd: str) -> str | None:
    return next((name for name in result.colnames if result[name].meta.get("ucd") == ucd), None)


def _quantity(column: Column, unit: u.Unit) -> u.Quantity:
    """Give a column in that unit; a value that isn't there is NaN."""
    values = column.filled(float("nan")) if hasattr(column, "filled") else column
    quantity: u.Quantity = u.Quantity(values, column.unit or unit, copy=False).to(unit)
    return quantity
