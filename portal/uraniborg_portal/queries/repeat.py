"""The Python code that repeats a query; pure."""

from __future__ import annotations


def python_of(adql: str, rows: int) -> str:
    """Give code that, in a lab, gives the same table: `table` is an astropy Table."""
    readable = adql.isprintable() or all(char.isprintable() or char == "\n" for char in adql)
    plain = readable and '"""' not in adql and "\\" not in adql and not adql.endswith('"')
    text = f'"""{adql}"""' if plain else repr(adql)
    return f"import uraniborg as ub\n\ntable = ub.query({text}, rows={rows})\n"
