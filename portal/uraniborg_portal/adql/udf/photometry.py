"""Magnitudes of fluxes; names and meaning are those that queries at the Rubin observatory use."""

from __future__ import annotations

import math

from sqlglot import exp

from uraniborg_portal.adql.functions import logarithm, over
from uraniborg_portal.adql.models import Term
from uraniborg_portal.adql.sky import call, minus, number, plus, times
from uraniborg_portal.adql.udf.registry import Asked, user_function
from uraniborg_portal.catalogs.models import Column

AB_ZERO = 31.4
"""AB magnitude of a nanojansky (Oke and Gunn 1983)."""


@user_function("scisql_nanojanskyToAbMag(flux DOUBLE PRECISION) -> DOUBLE PRECISION")
def ab_magnitude(asked: Asked) -> Term | str:
    """Give the AB magnitude of a flux in nanojansky; NULL where the flux is not positive."""
    (flux,) = asked.sql
    sql = minus(number(AB_ZERO), times(number(2.5), logarithm("log10")([flux])))
    return Term(sql=sql, column=Column(name="mag", datatype="double", unit="mag", ucd="phot.mag"))


@user_function("scisql_nanojanskyToAbMagSigma(flux DOUBLE PRECISION, flux_error DOUBLE PRECISION) -> DOUBLE PRECISION")
def ab_magnitude_error(asked: Asked) -> Term | str:
    """Give the error of the AB magnitude of a flux with an error, both in nanojansky."""
    flux, error = asked.sql
    sql = call("abs", times(number(2.5 / math.log(10)), over(error, flux)))
    return Term(sql=sql, column=Column(name="mag_error", datatype="double", unit="mag", ucd="stat.error;phot.mag"))


@user_function("scisql_abMagToNanojansky(mag DOUBLE PRECISION) -> DOUBLE PRECISION")
def flux_of_ab_magnitude(asked: Asked) -> Term | str:
    """Give the flux in nanojansky of an AB magnitude."""
    (magnitude,) = asked.sql
    exponent = times(number(0.4), plus(number(AB_ZERO), exp.Neg(this=exp.Paren(this=magnitude))))
    sql = call("pow", number(10), exponent)
    return Term(sql=sql, column=Column(name="flux", datatype="double", unit="nJy", ucd="phot.flux"))
