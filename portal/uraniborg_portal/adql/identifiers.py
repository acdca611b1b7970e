"""Names in SQL that is made here: always between double quotes, as they are."""

from __future__ import annotations

from sqlglot import exp


def quoted(name: str) -> exp.Identifier:
    """Give a name between double quotes."""
    return exp.Identifier(this=name, quoted=True)
