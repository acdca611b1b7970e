"""The variable of the user's that a widget's result lands in."""

from __future__ import annotations

import keyword

from uraniborg._errors import UraniborgError


def checked_name(name: str) -> str:
    """Give the name back.

    Raises
    ------
    UraniborgError
        The name can't be a variable's.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        raise UraniborgError(
            f"into={name!r} can't be a variable; it is a word of letters, digits and underscores.",
            'For example into="stars".',
            code="bad_parameter",
            field="into",
        )
    return name


def assign(name: str, value: object) -> None:
    """Give the user's variable a value; without IPython there is no such variable and nothing happens."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is not None:
        shell.user_ns[name] = value
