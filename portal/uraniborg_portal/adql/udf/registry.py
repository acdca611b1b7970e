"""What a user-defined function is, and the list of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from uraniborg_portal.adql.models import Places, Shape, Term
from uraniborg_portal.catalogs.models import Position

Build = Callable[["Asked"], Term | str]
TYPES = {
    "TEXT": "text", "INTEGER": "number", "BIGINT": "number", "DOUBLE PRECISION": "number", "POINT": "shape",
    "GEOMETRY": "shape",
}  # fmt: skip
"""What an argument of a type is."""
SIGNATURE = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) -> (?P<gives>.+)")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A call of a user-defined function."""

    arguments: Sequence[Term]
    position: Position | None
    """Of the table whose columns are asked, where all come from one."""
    scan: str | None
    fastest: float
    """The largest proper motion of that table, mas/yr; infinite where it is not known."""
    places: Places
    """Positions of the objects that the query names, or a sentence why there are none."""
    healpix: Callable[[], exp.Expr | None]
    """Gives the rows' HEALPix index of order 29, where the table has one."""

    @property
    def sql(self) -> list[exp.Expr]:
        """The arguments as SQL."""
        return [argument.sql for argument in self.arguments]

    @property
    def shapes(self) -> list[Shape]:
        """Those arguments that are geometries."""
        return [argument.shape for argument in self.arguments if argument.shape]


@dataclass(frozen=True, kw_only=True)
class UserFunction:
    """A user-defined function as capabilities describe it."""

    name: str
    signature: str
    """`name(arg TYPE, ...) -> TYPE`, as TAPRegExt wants it."""
    description: str
    takes: tuple[str, ...]
    """For each argument `number`, `text` or `shape`."""
    build: Build
    """Gives the value, or a sentence why it can't be."""


USER_FUNCTIONS: dict[str, list[UserFunction]] = {}
"""By name in upper case; the forms of one that can be called in more than one way."""


def user_function(signature: str) -> Callable[[Build], Build]:
    """Register a function under its signature; its docstring is its description."""
    parts = SIGNATURE.fullmatch(signature)
    assert parts, signature
    takes = tuple(TYPES[argument.split(maxsplit=1)[1]] for argument in parts["arguments"].split(", ") if argument)

    def register(build: Build) -> Build:
        USER_FUNCTIONS.setdefault(parts["name"].upper(), []).append(
            UserFunction(
                name=parts["name"],
                signature=signature,
                description=" ".join((build.__doc__ or "").split()),
                takes=takes,
                build=build,
            )
        )
        return build

    return register


def choose(forms: Sequence[UserFunction], count: int) -> UserFunction | None:
    """Give the form that takes this number of arguments, None where there is none."""
    return next((form for form in forms if len(form.takes) == count), None)


def names_of(terms: Sequence[Term]) -> list[str | None]:
    """Give the names of table columns, None for calculated values."""
    return [term.origin[1] if term.origin and term.scan else None for term in terms]
