"""What the functions of ADQL give (ADQL 2.1, section 2.3), as SQL of the engine.

Where an argument is outside of a function's domain (a logarithm of 0, the root of -1, a division by 0), or a function's
value is too large for DOUBLE PRECISION (EXP(1000)), the value is NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from uraniborg_portal.adql.sky import call, number

Build = Callable[[Sequence[exp.Expr]], exp.Expr]


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of numbers or texts."""

    build: Build
    gives: str = "double"
    """Datatype of the value; `same` for that of the first argument."""
    takes: str = "number"
    """`number` or `text`."""
    keeps: bool = False
    """Whether unit and UCD of the first argument stay."""
    unit: str | None = None


def plain(name: str) -> Build:
    """Give a function that the engine has under this name with the same meaning."""
    return lambda arguments: call(name, *arguments)


def of_double(name: str) -> Build:
    """Give a function of DOUBLE PRECISION; the engine has others of this name for whole numbers, that overflow."""
    double = exp.DataType.build("DOUBLE")
    return lambda arguments: call(name, exp.Cast(this=arguments[0], to=double.copy()), *arguments[1:])


NOT_A_NUMBER = exp.Cast(this=exp.Literal.string("nan"), to=exp.DataType.build("DOUBLE"))


def null_for_nan(value: exp.Expr) -> exp.Expr:
    """Give a floating-point value, NULL in place of NaN; the engine holds that NaN equals NaN."""
    return exp.Nullif(this=value, expression=NOT_A_NUMBER)


def null_for_infinite(value: exp.Expr) -> exp.Expr:
    """Give a floating-point value, NULL in place of NaN and of what is too large either way."""
    for bound in ("inf", "-inf"):
        infinite = exp.Cast(this=exp.Literal.string(bound), to=exp.DataType.build("DOUBLE"))
        value = exp.Nullif(this=value, expression=infinite)
    return null_for_nan(value)


def in_domain(name: str) -> Build:
    """Give a function of the engine that is NaN outside of its domain, as NULL there."""
    return lambda arguments: null_for_nan(call(name, arguments[0]))


def finite(name: str) -> Build:
    """Give a function of the engine, NULL where its value is none or too large."""
    return lambda arguments: null_for_infinite(call(name, *arguments))


def logarithm(name: str) -> Build:
    """Give a logarithm, NULL where its argument is not positive."""
    return lambda arguments: null_for_nan(call(name, null_for_zero(arguments[0])))


def null_for_zero(value: exp.Expr) -> exp.Expr:
    """Give the value, NULL in place of 0."""
    return exp.Nullif(this=value, expression=exp.Literal.number(0))


def cotangent(arguments: Sequence[exp.Expr]) -> exp.Expr:
    """Give the inverse of the tangent, NULL at 0."""
    return over(number(1), call("tan", arguments[0]))


def over(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Give a quotient of floating-point numbers, NULL where the divisor is 0."""
    quotient = exp.Div(this=exp.Paren(this=left), expression=null_for_zero(right), typed=True, safe=False)
    return exp.Paren(this=quotient)


def modulus(arguments: Sequence[exp.Expr]) -> exp.Expr:
    """Give the remainder with the sign of the dividend, NULL where the divisor is 0."""
    return exp.Paren(this=exp.Mod(this=exp.Paren(this=arguments[0]), expression=null_for_zero(arguments[1])))


def random(arguments: Sequence[exp.Expr]) -> exp.Expr:
    """Give a number from 0 to 1; the seed is not used."""
    return call("random")


NUMERIC = {
    "ABS": Function(build=plain("abs"), gives="same", keeps=True),
    "CEILING": Function(build=plain("ceil"), keeps=True),
    "FLOOR": Function(build=plain("floor"), keeps=True),
    "ROUND": Function(build=of_double("round"), keeps=True),
    "TRUNCATE": Function(build=of_double("trunc"), keeps=True),
    "DEGREES": Function(build=plain("degrees"), unit="deg"),
    "RADIANS": Function(build=plain("radians"), unit="rad"),
    "EXP": Function(build=finite("exp")),
    "LOG": Function(build=logarithm("ln")),
    "LOG10": Function(build=logarithm("log10")),
    "SQRT": Function(build=in_domain("sqrt")),
    "POWER": Function(build=finite("pow")),
    "MOD": Function(build=modulus, gives="same"),
    "PI": Function(build=plain("pi")),
    "RAND": Function(build=random),
    "ACOS": Function(build=in_domain("acos"), unit="rad"),
    "ASIN": Function(build=in_domain("asin"), unit="rad"),
    "ATAN": Function(build=plain("atan"), unit="rad"),
    "ATAN2": Function(build=plain("atan2"), unit="rad"),
    "COS": Function(build=plain("cos")),
    "SIN": Function(build=plain("sin")),
    "TAN": Function(build=plain("tan")),
    "COT": Function(build=cotangent),
}
TEXT = {
    "LOWER": Function(build=plain("lower"), gives="same", takes="text", keeps=True),
    "UPPER": Function(build=plain("upper"), gives="same", takes="text", keeps=True),
}
STANDARD = NUMERIC | TEXT
"""Functions whose value depends on their arguments' values alone."""


def divided(left: exp.Expr, right: exp.Expr, *, whole: bool) -> exp.Expr:
    """Give a quotient: whole and towards 0 for two whole numbers, as PostgreSQL; NULL where the divisor is 0."""
    if whole:
        return exp.Paren(this=exp.IntDiv(this=exp.Paren(this=left), expression=null_for_zero(right)))
    return over(left, right)
