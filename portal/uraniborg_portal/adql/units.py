"""Units: conversion as IN_UNIT asks for it (ADQL 2.1, section 4.8), and what arithmetic makes of them (VOUnits 1.0)."""

from __future__ import annotations

from astropy.units import Unit, UnitBase, UnitConversionError, UnitTypeError

LENIENT = ("vounit", "cds", "generic")
"""How the units of columns are read: catalogs also bring those of CDS, such as `mas.yr-1`."""


def conversion(given: str | None, wanted: str) -> float | str:
    """Give what a value is multiplied with to change its unit; a sentence where that can't be.

    Parameters
    ----------
    given
        The value's own unit; None or empty where it has none.
    wanted
        A unit in the form of VOUnits.
    """
    target = read(wanted, ("vounit",))
    if target is None:
        return f"'{wanted}' is not a unit; VOUnits writes km.s**-1, mas.yr**-1, deg, arcmin, Jy"
    if not wanted.strip():
        return "a value can't be changed into one without a unit"
    if not (given or "").strip():
        return f"the value has no unit, so it can't be given in {wanted}"
    source = read(str(given), LENIENT)
    if source is None:
        return f"the unit of the value, '{given}', is not known"
    try:
        return float(source.to(target))
    except (UnitConversionError, UnitTypeError):
        return f"{given} can't be given in {wanted}"


def product(left: str | None, right: str | None, power: int) -> str | None:
    """Give the unit of `left * right**power`; None where one is not known, or where nothing of them remains.

    An empty text is that of a number without a unit.
    """
    first, second = (None if unit is None else read(unit, LENIENT) for unit in (left, right))
    if first is None or second is None:
        return None
    try:
        return str((first * second**power).to_string("vounit")) or None
    except ValueError:
        return None


def read(text: str, forms: tuple[str, ...]) -> UnitBase | None:
    """Give the unit of a text in the first form that it has, None where it has none."""
    for form in forms:
        try:
            return Unit(text, format=form)
        except ValueError:
            continue
    return None
