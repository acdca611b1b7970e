"""ADQL text to a sqlglot tree, strictly by the grammar of the standard (ADQL 2.1, appendix A).

The tree is sqlglot's; the grammar is ours, because sqlglot's own parser accepts most of what ADQL forbids. Each node
that an error can name has the offset of its text in `meta["at"]`.
"""

from __future__ import annotations

from sqlglot import exp

from uraniborg_portal.adql.queries import Queries
from uraniborg_portal.adql.reader import Misfit
from uraniborg_portal.errors import QueryRefused


def parse(text: str, *, extensions: bool = True) -> exp.Query:
    """Give the tree of a query; without `extensions` only what the standard has is taken.

    Raises
    ------
    QueryRefused
        The text is not a query of ADQL 2.1 (with CASE, bitwise operators, CROSS JOIN and one ';' at its end as
        extensions); the message has the place, what was found and what was expected.
    """
    if not text.strip():
        raise QueryRefused(
            "The query is empty.", "Write a query such as SELECT TOP 10 * FROM tablename.", line=1, column=1
        )
    reader = Queries(text, extensions=extensions)
    try:
        return reader.specification()
    except Misfit as misfit:
        raise reader.refusal(misfit) from None
