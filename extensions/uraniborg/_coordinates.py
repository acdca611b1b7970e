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
    motion = _motion(result, position)
    epoch = result.meta.get("epoch")
    when = {"obstime": Time(epoch, format="jyear", scale="tcb")} if epoch else {}
    return SkyCoord(ra=_quantity(result[ra], u.deg), dec=_quantity(result[dec], u.deg), frame="icrs", **motion, **when)


def at(result: Result, year: float) -> SkyCoord:
    """Give the positions moved along their proper motions to a Julian year.

    Radial motion is left out: it changes a position by far less than the proper motions' own errors.
    """
    then = Time(year, format="jyear", scale="tcb")
    with warnings.catch_warnings():
        # Positions without a distance are moved as if far away, which is what is wanted here.
        warnings.filterwarnings("ignore", message='ERFA function "pmsafe"')
        places: SkyCoord = of_columns(result).apply_space_motion(new_obstime=then)
    return places


def _motion(result: Result, position: dict[str, str]) -> dict[str, u.Quantity]:
    pmra, pmdec = position.get("pmra"), position.get("pmdec")
    if pmra not in result.colnames or pmdec not in result.colnames:
        return {}
    unit = u.mas / u.yr
    return {"pm_ra_cosdec": _quantity(result[pmra], unit), "pm_dec": _quantity(result[pmdec], unit)}


def _quantity(column: Column, unit: u.Unit) -> u.Quantity:
    """Give a column in that unit; a value that isn't there is NaN."""
    values = column.filled(float("nan")) if hasattr(column, "filled") else column
    quantity: u.Quantity = u.Quantity(values, column.unit or unit, copy=False).to(unit)
    return quantity
