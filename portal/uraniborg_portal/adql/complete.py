"""What can stand at a place of a query that is being written: tables, columns, functions, words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from uraniborg_portal.adql.models import Table
from uraniborg_portal.adql.outline import CLAUSES, NAMES, SET_OPERATIONS, Outline, Seen
from uraniborg_portal.adql.signatures import FORMS, SIGNATURES
from uraniborg_portal.adql.tokens import Token, loose_tokens
from uraniborg_portal.adql.udf import USER_FUNCTIONS
from uraniborg_portal.adql.values import AGGREGATES
from uraniborg_portal.adql.words import delimited

MOST = 40
"""Suggestions that are given at once."""
FOLLOWING: Mapping[str, tuple[str, ...]] = {
    "": ("SELECT", "WITH"),
    "SELECT": ("TOP", "DISTINCT", "FROM", "AS", "CASE", "CAST", "NULL"),
    "FROM": ("WHERE", "JOIN", "LEFT JOIN", "NATURAL JOIN", "AS", "GROUP BY", "ORDER BY", "UNION", "EXCEPT"),
    "JOIN": ("ON", "USING", "AS"),
    "ON": ("AND", "OR", "NOT", "WHERE", "JOIN", "GROUP BY", "ORDER BY"),
    "USING": ("WHERE", "JOIN", "GROUP BY", "ORDER BY"),
    "WHERE": (
        "AND", "OR", "NOT", "BETWEEN", "IN", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL", "EXISTS", "GROUP BY",
        "ORDER BY",
    ),
    "GROUP": ("BY", "HAVING", "ORDER BY"),
    "HAVING": ("AND", "OR", "NOT", "ORDER BY"),
    "ORDER": ("BY", "ASC", "DESC", "OFFSET"),
    **dict.fromkeys(SET_OPERATIONS, ("SELECT", "ALL")),
}  # fmt: skip
"""Words that may come in each part."""
ONLY: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("TOP", "OFFSET", "WITH", "AS"), ()),
    **dict.fromkeys(("GROUP", "ORDER"), ("BY",)),
    **dict.fromkeys(("LEFT", "RIGHT", "FULL"), ("JOIN", "OUTER JOIN")),
    **dict.fromkeys(("INNER", "OUTER", "CROSS"), ("JOIN",)),
    "NATURAL": ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "INNER JOIN"),
}
"""What must come after some words; nothing where it is a number or a new name."""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """One way to go on."""

    text: str
    """What is put in."""
    kind: str
    """`table`, `column`, `function` or `word`."""
    detail: str = ""
    """Type and unit of a column, the form of a function, what a table is."""


@dataclass(frozen=True, kw_only=True)
class Completion:
    """Ways to go on, best first."""

    replaced: int
    """Characters before the place that the text takes the place of."""
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where someone writes."""

    prefix: str
    """The part of a word that is there, without its opening quote."""
    replaced: int
    qualifiers: tuple[str, ...]
    """Names with points behind them, before the prefix."""
    clause: str
    """The word that began this part of the query; empty at the start."""
    names_a_table: bool
    """Whether a table is wanted."""
    only: tuple[str, ...] | None
    """Words of which one must come; None where there are other ways to go on."""
    tokens: tuple[Token, ...]
    """What stands before the qualifiers."""


def complete(before: str, after: str, tables: Mapping[str, Table]) -> Completion:
    """Give the ways to go on between two parts of a query; `tables` are those that may be named, by lower case name."""
    place = place_of(before)
    if place is None:
        return Completion(replaced=0, suggestions=())
    seen = Outline(tables).seen_at((*place.tokens, *loose_tokens(after)), len(place.tokens))
    found = ranked(place.prefix, candidates(place, seen, tables))
    return Completion(replaced=place.replaced, suggestions=tuple(found)[:MOST])


def place_of(before: str) -> Place | None:
    """Give where the end of a text is; None in a text, a comment or a number."""
    tokens = list(loose_tokens(before))
    prefix, replaced = "", 0
    if tokens and tokens[-1].kind in ("open_string", "comment"):
        return None
    if tokens and tokens[-1].kind == "open_delimited":
        prefix, replaced = tokens[-1].text, len(before) - tokens[-1].at
        tokens.pop()
    elif tokens and tokens[-1].kind in ("name", "keyword", "number") and is_last(tokens[-1], before):
        if tokens[-1].kind == "number":
            return None
        prefix, replaced = before[tokens[-1].at :], len(before) - tokens[-1].at
        tokens.pop()
    qualifiers: list[str] = []
    while len(tokens) > 1 and tokens[-1].is_symbol(".") and tokens[-2].kind in NAMES:
        qualifiers.insert(0, tokens[-2].text)
        del tokens[-2:]
    clause = clause_of(tokens)
    last = tokens[-1] if tokens else Token("end", "", 0)
    opened = tokens[-2:-1] if last.is_symbol("(") else tokens[-1:]
    wanted = bool(opened) and (
        (opened[0].kind == "keyword" and opened[0].text in ("FROM", "JOIN"))
        or (opened[0].is_symbol(",") and clause_of(tokens[: len(tokens) - 1]) in ("FROM", "JOIN"))
    )
    return Place(
        prefix=prefix,
        replaced=replaced,
        qualifiers=tuple(qualifiers),
        clause="" if last.is_symbol("(") and (wanted or opens_query(opened)) else clause,
        names_a_table=wanted,
        only=ONLY.get(last.text) if last.kind == "keyword" else None,
        tokens=tuple(tokens),
    )


def is_last(token: Token, text: str) -> bool:
    """Say whether a text ends with a word, or with something else that no token has."""
    return token.at + len(token.text) == len(text)


def opens_query(before: Sequence[Token]) -> bool:
    """Say whether a sub-query can stand in the parentheses after this token."""
    return bool(before) and before[0].kind == "keyword" and before[0].text in ("IN", "EXISTS", "AS", *SET_OPERATIONS)


def clause_of(tokens: Sequence[Token]) -> str:
    """Give the word that began the part of a query after these tokens, outside of what parentheses closed."""
    depth = 0
    for token in reversed(tokens):
        if token.kind == "symbol" and token.text in "()":
            depth = max(0, depth + (1 if token.text == ")" else -1))
        elif token.kind == "keyword" and token.text in CLAUSES and depth == 0:
            return token.text
    return ""


def candidates(place: Place, seen: Seen, tables: Mapping[str, Table]) -> Iterator[Suggestion]:
    """Give all ways to go on at a place."""
    if place.qualifiers:
        yield from of_qualifier(place.qualifiers, seen, tables)
    elif place.only is not None:
        yield from (Suggestion(text=word, kind="word") for word in place.only)
    elif place.names_a_table:
        yield from (Suggestion(text=delimited(name), kind="table", detail="WITH") for name in seen.queries)
        yield from (of_table(table) for table in tables.values())
        if place.tokens[-1].is_symbol("("):
            yield Suggestion(text="SELECT", kind="word")
    else:
        if place.clause not in ("", "FROM", "JOIN", *SET_OPERATIONS):
            yield from of_columns(seen)
            if place.clause in ("GROUP", "ORDER"):
                yield from (Suggestion(text=delimited(name), kind="column", detail=kind) for name, kind in seen.outputs)
            yield from (Suggestion(text=delimited(name), kind="table") for name in seen.tables)
            yield from of_functions()
        yield from (Suggestion(text=word, kind="word") for word in FOLLOWING.get(place.clause, ()))


def of_qualifier(qualifiers: Sequence[str], seen: Seen, tables: Mapping[str, Table]) -> Iterator[Suggestion]:
    """Give the columns of a table by its name before a point, or the tables of a schema."""
    whole = ".".join(qualifiers).lower()
    known = next((given for name, given in seen.tables.items() if name.lower() == qualifiers[-1].lower()), ())
    yield from (Suggestion(text=delimited(name), kind="column", detail=detail) for name, detail in known)
    for name, table in tables.items():
        schema, _, rest = name.rpartition(".")
        if schema == whole:
            yield Suggestion(text=delimited(rest), kind="table", detail=f"{len(table.columns)} columns")


def of_table(table: Table) -> Suggestion:
    """Give a table."""
    name = ".".join(delimited(part) for part in table.name.split("."))
    return Suggestion(text=name, kind="table", detail=f"{len(table.columns)} columns")


def of_columns(seen: Seen) -> Iterator[Suggestion]:
    """Give the columns of the tables of FROM; with the table's name where more than one has it."""
    count = Counter(name for given in seen.tables.values() for name, _ in given)
    for table, given in seen.tables.items():
        for name, detail in given:
            text = f"{delimited(table)}.{delimited(name)}" if count[name] > 1 else delimited(name)
            yield Suggestion(text=text, kind="column", detail=detail)


def of_functions() -> Iterator[Suggestion]:
    """Give the functions of the standard and the user-defined ones."""
    for name in (*AGGREGATES, *SIGNATURES, "COALESCE", "CAST"):
        yield Suggestion(text=f"{name}(", kind="function", detail=FORMS.get(name, ""))
    for forms in USER_FUNCTIONS.values():
        yield Suggestion(text=f"{forms[0].name}(", kind="function", detail=forms[0].signature)


def ranked(prefix: str, found: Iterable[Suggestion]) -> list[Suggestion]:
    """Give those that fit what is written: first those that begin with it, then those that hold it."""
    wanted = prefix.lower()
    begins, holds = [], []
    for each in dict.fromkeys(found):
        plain = each.text.rpartition(".")[2].strip('"').lower()
        if plain.startswith(wanted) or each.text.lower().startswith(wanted):
            begins.append(each)
        elif len(wanted) > 1 and wanted in plain:
            holds.append(each)
    return begins + holds
