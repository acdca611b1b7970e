"""What a job changes of a table: CADC's `table-update` makes an index; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.user_tables.names import known_name, plain

INDEX = "INDEX"
SWITCH = {"true": True, "1": True, "false": False, "0": False, "": False}


@dataclass(frozen=True, kw_only=True)
class Update:
    """An index that a table is to have."""

    table: str
    """Its name, as the database has it."""
    column: str
    """In lower case."""
    unique: bool

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The parameters of the job that makes it."""
        return (("TABLE", self.table), (INDEX, self.column), ("UNIQUE", str(self.unique).lower()))


def is_update(parameters: Iterable[tuple[str, str]]) -> bool:
    """Say whether a job changes a table, and is no query."""
    return any(name == INDEX for name, _ in parameters)


def update_of(given: Iterable[tuple[str, str]]) -> Update:
    """Give what parameters ask for; their names are in any case.

    Raises
    ------
    BadParameter
        One is missing, or has a value that is not accepted.
    """
    values = {name.upper(): value.strip() for name, value in given}
    for name in ("TABLE", INDEX):
        if not values.get(name):
            raise BadParameter(f"{name} is missing.", "Give TABLE=schema.table and INDEX=column.", field=name)
    unique = SWITCH.get(values.get("UNIQUE", "").lower())
    if unique is None:
        raise BadParameter(f"UNIQUE={values['UNIQUE'][:40]!r} is neither true nor false.", field="UNIQUE")
    return Update(table=known_name(values["TABLE"]), column=plain(values[INDEX]), unique=unique)
