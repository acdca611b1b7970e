"""Conversion between units as IN_UNIT asks for it (ADQL 2.1, section 4.8; VOUnits 1.0)."""

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


def read(text: str, forms: tuple[str, ...]) -> UnitBase | None:
    """Give the unit of a text in the first form that it has, None where it has none."""
    for form in forms:
        try:
            return Unit(text, format=form)
        except ValueError:
            continue
    return None
