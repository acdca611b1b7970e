"""What is said of names that nothing has, and of values that are no numbers: the message, and what to do."""

from __future__ import annotations

import re

from sqlglot import exp

from uraniborg_portal.adql.functions import STANDARD
from uraniborg_portal.adql.mistakes import FUNCTIONS
from uraniborg_portal.adql.models import Term
from uraniborg_portal.adql.scope import Scope, advice, same
from uraniborg_portal.adql.signatures import described
from uraniborg_portal.adql.udf import USER_FUNCTIONS
from uraniborg_portal.adql.values import AGGREGATES, FUNCTION_WORDS

SEXAGESIMAL = re.compile(r"\s*[+-]?\d+\s*[hd:° ]\s*\d+")
"""How a text begins that is a position in hours or degrees, minutes and seconds."""


def of_column(node: exp.Column, parts: tuple[exp.Identifier, ...], scope: Scope) -> tuple[str, str]:
    """Say of a column, and of the names before it from right to left, that no table in FROM has it."""
    relations = [relation for inner in scope.chain() for relation in inner.relations]
    if parts and not any(relation.answers_to(parts) for relation in relations):
        names = [relation.names[0] for relation in relations]
        return f"no table in FROM is called {parts[0].name!r}", advice(parts[0].name, names)
    remedy = advice(node.name, [name for inner in scope.chain() for name, _ in inner.candidates(parts)])
    if not parts and is_named_in_select(node.this):
        remedy = "That name is given in SELECT, after this: write the value itself, or select from (SELECT ...) AS q."
    elif not parts and not remedy.startswith("Did you mean"):
        text = node.name.replace("'", "''")
        remedy = f"Texts go between single quotes: '{text}'. {remedy}"
    return f"no column is called {node.name!r}", remedy


def is_named_in_select(name: exp.Identifier) -> bool:
    """Say whether the query that a name stands in gives it to another value, and it can't be used yet."""
    select, own = name.parent_select, name.find_ancestor(exp.Alias)
    given = select.expressions if select is not None else ()
    return any(isinstance(each, exp.Alias) and each is not own and same(name, each.alias) for each in given)


def of_function(node: exp.Anonymous) -> tuple[str, str]:
    """Say of a function that it is none of ours."""
    ours = (forms[0].name for forms in USER_FUNCTIONS.values())
    known = [*STANDARD, *AGGREGATES, *sorted(FUNCTION_WORDS), *ours]
    remedy = FUNCTIONS.get(node.name) or advice(node.name.lower(), known)
    return f"no function is called {node.name.lower()}", remedy


def no_number(node: exp.Expr, term: Term) -> tuple[str, str]:
    """Say of a value that it is not a number."""
    if not node.is_string:
        remedy = "CAST(value AS DOUBLE PRECISION)" if term.is_text else ""
        return f"found {term.kind} ({term.column.name}), expected a number", remedy
    sexagesimal = SEXAGESIMAL.match(node.name)
    remedy = "Positions are decimal degrees, such as 83.82 and -5.39." if sexagesimal else "Numbers have no quotes."
    return f"found {described(node)}, expected a number", remedy
