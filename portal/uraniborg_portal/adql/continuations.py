"""How a query that is being written can go on: whether a value can start, and which words can come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from uraniborg_portal.adql.sorts import GEOMETRIES, NUMBERS, TEXTS
from uraniborg_portal.adql.tokens import Token

SETS = ("UNION", "EXCEPT", "INTERSECT")
JOINS = ("JOIN", "LEFT JOIN", "NATURAL JOIN", "RIGHT JOIN", "FULL JOIN")
AFTER_TABLES = ("WHERE", *JOINS, "AS", "GROUP BY", "ORDER BY", "OFFSET", *SETS)
AFTER_CONDITION = ("AND", "OR", "GROUP BY", "ORDER BY", "OFFSET", *SETS)
COMPARED = ("BETWEEN", "IN", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL", "NOT")
"""What makes a condition of a value, besides symbols."""
CONDITION_STARTS = ("NOT", "EXISTS", "CASE", "CAST(")
TYPES = (
    "DOUBLE PRECISION", "REAL", "INTEGER", "BIGINT", "SMALLINT", "VARCHAR", "CHAR", "TIMESTAMP", "POINT", "CIRCLE",
    "POLYGON",
)  # fmt: skip
ONLY: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("TOP", "OFFSET", "WITH"), ()),
    **dict.fromkeys(("GROUP", "ORDER"), ("BY",)),
    **dict.fromkeys(("LEFT", "RIGHT", "FULL"), ("JOIN", "OUTER JOIN")),
    **dict.fromkeys(("INNER", "OUTER", "CROSS"), ("JOIN",)),
    **dict.fromkeys(SETS, ("SELECT", "ALL")),
    "NATURAL": ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "INNER JOIN"),
    "IS": ("NULL", "NOT NULL"),
    "EXISTS": (),
    "DOUBLE": ("PRECISION",),
}
"""What must come after some words; nothing where it is a number, a new name or a parenthesis."""
STARTING: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("WHERE", "ON", "HAVING"), CONDITION_STARTS),
    **dict.fromkeys(("SELECT", "GROUP", "ORDER"), ("CASE", "CAST(", "NULL")),
    "": ("CASE", "CAST("),
}
"""Words that a value, or a condition, can start with."""
FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "SELECT": ("FROM", "AS"),
    "FROM": AFTER_TABLES,
    "JOIN": ("ON", "USING", "AS"),
    "ON": ("AND", "OR", *(word for word in AFTER_TABLES if word != "AS")),
    "USING": tuple(word for word in AFTER_TABLES if word != "AS"),
    "WHERE": AFTER_CONDITION,
    "GROUP": ("HAVING", "ORDER BY", "OFFSET", *SETS),
    "HAVING": ("AND", "OR", "ORDER BY", "OFFSET", *SETS),
    "ORDER": ("DESC", "ASC", "OFFSET"),
    "WITH": ("AS",),
    **dict.fromkeys(("", *SETS), ("ORDER BY", "OFFSET", *SETS)),
}
"""Words that can come after what is whole in each part."""
COMPARISONS = ("=", "<>", "!=", "<", ">", "<=", ">=")
WHOLE = ("LIKE", "ILIKE", "IN", "EXISTS", "IS")
"""Words that make a condition of a value."""
STATES = {"BETWEEN": "BETWEEN"} | dict.fromkeys(("AND", "OR", "WHERE", "ON", "HAVING", "WHEN", "THEN", "ELSE"), "value")
"""What state a condition is in after a word."""
AGGREGATES = ("AVG", "MAX", "MIN", "SUM", "COUNT")

FUNCTION_WORDS = frozenset((*AGGREGATES, *NUMBERS, *GEOMETRIES, *TEXTS, "CAST", "COALESCE", "CHAR", "VARCHAR"))
"""Reserved words that have a parenthesis after them."""
AFTER_BRANCH = {"CASE": ("WHEN",), "THEN": ("WHEN", "ELSE", "END"), "ELSE": ("END",)}
"""What can come after a value in each part of CASE, besides WHEN."""


@dataclass(frozen=True, kw_only=True)
class Next:
    """How a query can go on at a place."""

    words: tuple[str, ...] = ()
    value: bool = False
    """Whether a value can start: columns, functions."""
    leads: bool = False
    """Whether the words are likelier than a value."""
    shared: bool = False
    """Whether a column that two tables have is wanted."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands between the innermost open parenthesis and a place, without what is in parentheses there."""

    tokens: tuple[Token, ...]
    caller: Token | None
    """What stands before that parenthesis."""
    opened: bool
    """Whether there is such a parenthesis."""

    def is_query(self) -> bool:
        """Say whether a query stands there, and not a value or joined tables in parentheses."""
        return not self.opened or any(token.kind == "keyword" and token.text == "SELECT" for token in self.tokens)

    def is_call(self) -> bool:
        """Say whether the parenthesis is that of a function."""
        return self.caller is not None and (
            self.caller.kind == "name" or (self.caller.kind == "keyword" and self.caller.text in FUNCTION_WORDS)
        )


def frame_of(tokens: Sequence[Token]) -> Frame:
    """Give the frame at the end of some tokens."""
    found: list[Token] = []
    depth = 0
    for index in range(len(tokens) - 1, -1, -1):
        token = tokens[index]
        if token.kind == "symbol" and token.text == "(":
            if depth == 0:
                return Frame(tokens=tuple(reversed(found)), caller=tokens[index - 1] if index else None, opened=True)
            depth -= 1
            continue
        if depth == 0:
            found.append(token)
        if token.kind == "symbol" and token.text == ")":
            depth += 1
    return Frame(tokens=tuple(reversed(found)), caller=None, opened=False)


def next_after(tokens: Sequence[Token], clause: str) -> Next:
    """Say how a query can go on after some tokens, in the part of it that a word began."""
    frame = frame_of(tokens)
    if not tokens:
        return Next(words=("SELECT", "WITH"))
    if not frame.tokens:
        return at_parenthesis(frame, clause)
    last = frame.tokens[-1]
    if last.kind == "keyword" and last.text == "AS":
        return Next(words=TYPES if frame.caller and frame.caller.text == "CAST" else ())
    if last.kind == "keyword" and last.text in ONLY:
        return Next(words=ONLY[last.text])
    if ends_value(frame.tokens):
        return Next(words=after_value(tokens, frame, clause))
    return at_value(frame, clause)


def at_parenthesis(frame: Frame, clause: str) -> Next:
    """Say what can come after an open parenthesis."""
    word = frame.caller.text if frame.caller and frame.caller.kind == "keyword" else ""
    if word in ("USING", "PI", "CHAR", "VARCHAR"):
        return Next(value=word == "USING", shared=word == "USING")
    if word in ("EXISTS", "AS", *SETS) or clause in ("", "FROM", "JOIN"):
        return Next(words=("SELECT",))
    if word == "IN":
        return Next(words=("SELECT",), value=True, leads=True)
    first = ("DISTINCT",) if word in AGGREGATES else ()
    words = STARTING[""] if frame.is_call() else STARTING.get(clause, STARTING[""])
    return Next(words=(*first, *words), value=True)


def ends_value(tokens: Sequence[Token]) -> bool:
    """Say whether the last token is the end of a value, a table or a name."""
    last = tokens[-1]
    if last.is_symbol("*"):
        before = tokens[-2] if len(tokens) > 1 else None
        return before is not None and (before.is_symbol(".") or before.kind == "keyword" or before.is_symbol(","))
    if last.kind == "keyword":
        return last.text in ("NULL", "END", "ASC", "DESC")
    if last.kind == "number" and len(tokens) > 1:
        return not (tokens[-2].kind == "keyword" and tokens[-2].text == "TOP")
    return last.kind in ("name", "delimited", "number", "string") or last.is_symbol(")")


def at_value(frame: Frame, clause: str) -> Next:
    """Say what can come where a value starts."""
    last, earlier = frame.tokens[-1], frame.tokens[:-1]
    word = last.text if last.kind == "keyword" else ""
    if word == "NOT" and earlier and (ends_value(earlier) or earlier[-1].text == "IS"):
        return Next(words=("NULL",) if earlier[-1].text == "IS" else ("BETWEEN", "IN", "LIKE", "ILIKE"))
    if word in ("SELECT", "ALL") and clause in SETS:
        return Next(words=("SELECT",))
    if word in FUNCTION_WORDS:
        return Next()
    if frame.caller is not None and frame.caller.text == "USING":
        return Next(value=True, shared=True)
    if word in ("SELECT", "DISTINCT", "ALL") and not frame.is_call():
        first = ("DISTINCT", "TOP") if word == "SELECT" else ("TOP",)
        return Next(words=(*first, *STARTING["SELECT"]), value=True)
    has_values = clause not in ("", "FROM", "JOIN", "WITH", *SETS)
    return Next(words=value_starts(frame), leads=word == "CASE", value=has_values)


def value_starts(frame: Frame) -> tuple[str, ...]:
    """Give the words that a value can start with after a word or symbol."""
    last = frame.tokens[-1]
    word = last.text if last.kind == "keyword" else ""
    if word == "CASE":
        return ("WHEN",)
    in_between = word == "AND" and condition_state(frame.tokens[:-1]) == "BETWEEN"
    if word in ("WHERE", "ON", "HAVING", "OR", "WHEN", "AND") and not in_between:
        return CONDITION_STARTS
    if word == "NOT":
        return CONDITION_STARTS[1:]
    if last.is_symbol(",") and frame.tokens[0].text == "WITH":
        return ()
    of_row = last.is_symbol(",") and not frame.is_call()
    return (*STARTING[""], "NULL") if of_row or word in ("BY", "THEN", "ELSE") else STARTING[""]


def after_value(tokens: Sequence[Token], frame: Frame, clause: str) -> tuple[str, ...]:
    """Give the words that can come after a whole value, table or name."""
    branch = open_case(frame.tokens)
    if branch in AFTER_BRANCH:
        return AFTER_BRANCH[branch]
    if frame.opened and not branch and not frame.is_query():
        return after_inner(tokens, frame, clause)
    if branch or clause in ("WHERE", "ON", "HAVING"):
        return after_condition(tokens, frame, clause, branch)
    if clause == "WITH":
        return ("SELECT",) if frame.tokens[-1].is_symbol(")") else ("AS",)
    return ("AS",) if clause in ("FROM", "JOIN") and is_query_closed(tokens) else after_whole(frame, clause)


def after_inner(tokens: Sequence[Token], frame: Frame, clause: str) -> tuple[str, ...]:
    """Give the words that can come after what is whole in parentheses that hold no query."""
    caller = frame.caller.text if frame.caller is not None else ""
    if frame.is_call() or caller in ("IN", "USING"):
        names_type = caller == "CAST" and "AS" not in {token.text for token in frame.tokens}
        return ("AS",) if names_type else ()
    if clause in ("FROM", "JOIN", "USING") or caller == "EXISTS":
        return ("AS",) if is_query_closed(tokens) else after_inner_table(frame, clause)
    return after_condition(tokens, frame, clause, "") if clause in ("WHERE", "ON", "HAVING") else ()


def after_whole(frame: Frame, clause: str) -> tuple[str, ...]:
    """Give the words that can come after a whole entry of a part of a query."""
    known = FOLLOWING.get("FROM" if clause == "JOIN" and is_natural(frame.tokens) else clause, ())
    if is_named(frame.tokens):
        known = tuple(word for word in known if word != "AS")
    last = frame.tokens[-1]
    is_sorted = last.kind == "keyword" and last.text in ("ASC", "DESC")
    return tuple(word for word in known if not (is_sorted and word in ("ASC", "DESC")))


def after_inner_table(frame: Frame, clause: str) -> tuple[str, ...]:
    """Give the words that can come after a table in parentheses that hold joined tables."""
    joins = any(token.kind == "keyword" and token.text == "JOIN" for token in frame.tokens)
    words = ("ON", "USING") if clause == "JOIN" and joins and not is_natural(frame.tokens) else JOINS
    return words if is_named(frame.tokens) or clause == "USING" else (*words, "AS")


def is_named(tokens: Sequence[Token]) -> bool:
    """Say whether what ends with a token has its name, or can't have one."""
    last, before = tokens[-1], tokens[-2] if len(tokens) > 1 else None
    if last.is_symbol("*") or before is None:
        return last.is_symbol("*")
    renamed = before.kind == "keyword" and before.text == "AS"
    return renamed or (last.kind in ("name", "delimited") and ends_value(tokens[:-1]))


def after_condition(tokens: Sequence[Token], frame: Frame, clause: str, branch: str) -> tuple[str, ...]:
    """Give the words that can come after a value in a condition."""
    state = condition_state(frame.tokens)
    if state == "BETWEEN":
        return ("AND",)
    if state == "value" and not is_condition(tokens):
        words = compared(tokens, frame)
        return (*words, "THEN") if branch else words
    if branch:
        return ("THEN", "AND", "OR")
    if frame.is_query():
        return FOLLOWING[clause]
    return (
        ("AND", "OR", *JOINS) if clause == "ON" and "JOIN" in {token.text for token in frame.tokens} else ("AND", "OR")
    )


def compared(tokens: Sequence[Token], frame: Frame) -> tuple[str, ...]:
    """Give the words that make a condition of the value that some tokens end with."""
    last, before = frame.tokens[-1], frame.tokens[-2] if len(frame.tokens) > 1 else None
    called = frame_of(tokens[:-1]).caller if last.is_symbol(")") else None
    is_sum = before is not None and before.kind == "symbol" and before.text in ("+", "-", "*", "/")
    is_number = last.kind == "number" or is_sum or (called is not None and called.text in NUMBERS)
    if last.kind in ("name", "delimited") and not is_sum:
        return COMPARED
    return ("BETWEEN", "IN", "NOT") if is_number else ("BETWEEN", "IN", "LIKE", "ILIKE", "NOT")


def is_query_closed(tokens: Sequence[Token]) -> bool:
    """Say whether the parenthesis that some tokens end with closes a query."""
    if not tokens[-1].is_symbol(")"):
        return False
    inner = frame_of(tokens[:-1])
    return inner.is_query() or (len(inner.tokens) == 1 and is_query_closed(tokens[:-1]))


def is_condition(tokens: Sequence[Token]) -> bool:
    """Say whether the parenthesis that some tokens end with closes a condition."""
    while tokens and tokens[-1].is_symbol(")"):
        tokens = tokens[:-1]
        inner = frame_of(tokens)
        if inner.is_call() or inner.is_query():
            return False
        if condition_state(inner.tokens) == "whole":
            return True
    return False


def condition_state(tokens: Sequence[Token]) -> str:
    """Say whether the last condition is `whole`, wants the other end of a `BETWEEN`, or is only a `value` so far."""
    state = "value"
    for token in tokens:
        if token.kind == "symbol":
            state = "whole" if token.text in COMPARISONS else state
        elif token.kind == "keyword":
            ends = token.text in WHOLE or (token.text == "AND" and state == "BETWEEN")
            state = "whole" if ends else STATES.get(token.text, state)
    return state


def open_case(tokens: Sequence[Token]) -> str:
    """Give the last word of the innermost CASE that is not ended: CASE, WHEN, THEN or ELSE; nothing without one."""
    cases: list[str] = []
    for token in tokens:
        if token.kind != "keyword":
            continue
        if token.text == "CASE":
            cases.append("CASE")
        elif cases and token.text in ("WHEN", "THEN", "ELSE"):
            cases[-1] = token.text
        elif cases and token.text == "END":
            cases.pop()
    return cases[-1] if cases else ""


def is_natural(tokens: Sequence[Token]) -> bool:
    """Say whether the last join is a natural one, which has no condition."""
    joins = [index for index, token in enumerate(tokens) if token.kind == "keyword" and token.text == "JOIN"]
    near = tokens[max(0, joins[-1] - 3) : joins[-1]] if joins else ()
    return any(token.kind == "keyword" and token.text == "NATURAL" for token in near)
