"""The Python code that repeats a query; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Used(Protocol):
    """A kept table that a query read."""

    @property
    def name(self) -> str:
        """The table is `TAP_UPLOAD.name` in the query."""

    @property
    def id(self) -> str:
        """By which it is kept."""

    @property
    def text(self) -> str:
        """A list of targets as it was pasted, where it is short."""


def python_of(adql: str, rows: int, uploads: Sequence[Used] = (), service: str = "") -> str:
    """Give code that, in a lab, gives the same table: `table` is an astropy Table."""
    tables = "".join(f"{each.name} = {table_of(each)}\n" for each in uploads)
    given = ", ".join(f'"{each.name}": {each.name}' for each in uploads)
    more = f", uploads={{{given}}}" if given else ""
    more += f", service={service!r}" if service else ""
    return f"import uraniborg as ub\n\n{tables}table = ub.query({quoted(adql)}, rows={rows}{more})\n"


def python_of_kept(identifier: str) -> str:
    """Give code that, in a lab, gives a kept table as long as it is kept."""
    return f'import uraniborg as ub\n\ntable = ub.result("{identifier}")\n'


def table_of(used: Used) -> str:
    """Give the code of a table that a query reads."""
    return f"ub.targets({quoted(used.text)})" if used.text else f'ub.result("{used.id}")'


def quoted(text: str) -> str:
    """Give a text as Python writes it, on lines of its own where it has some."""
    readable = all(char.isprintable() or char == "\n" for char in text)
    plain = readable and '"""' not in text and "\\" not in text and not text.endswith('"')
    return f'"""{text}"""' if plain else repr(text)
