"""What can stand at a place of a query that is being written: tables, columns, functions, words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from uraniborg_portal.adql.models import Table
from uraniborg_portal.adql.signatures import FORMS, SIGNATURES
from uraniborg_portal.adql.tokens import Token, loose_tokens
from uraniborg_portal.adql.udf import USER_FUNCTIONS
from uraniborg_portal.adql.values import AGGREGATES
from uraniborg_portal.adql.words import delimited
from uraniborg_portal.catalogs.models import Column

MOST = 40
"""Suggestions that are given at once."""
NAMES = ("name", "delimited")
"""Kinds of tokens that are names."""
CLAUSES = ("SELECT", "FROM", "JOIN", "ON", "USING", "WHERE", "GROUP", "HAVING", "ORDER", "OFFSET", "WITH")
"""Words that begin a part of a query; the last one before a place says what is wanted there."""
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
}  # fmt: skip
"""Words that may come in each part."""


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


def complete(before: str, after: str, tables: Mapping[str, Table]) -> Completion:
    """Give the ways to go on between two parts of a query; `tables` are those that may be named, by lower case name."""
    place = place_of(before)
    if place is None:
        return Completion(replaced=0, suggestions=())
    named = tables_named(loose_tokens(f"{before[: len(before) - place.replaced]} {after}"))
    found = ranked(place.prefix, candidates(place, named, tables))
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
    elif tokens and before[-1:].strip() and tokens[-1].kind in ("name", "keyword", "number"):
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
    wanted = (last.kind == "keyword" and last.text in ("FROM", "JOIN")) or (
        last.is_symbol(",") and clause in ("FROM", "JOIN")
    )
    return Place(prefix=prefix, replaced=replaced, qualifiers=tuple(qualifiers), clause=clause, names_a_table=wanted)


def clause_of(tokens: Sequence[Token]) -> str:
    """Give the word that began the part of a query after these tokens, outside of what parentheses closed."""
    depth = 0
    for token in reversed(tokens):
        if token.kind == "symbol" and token.text in "()":
            depth = max(0, depth + (1 if token.text == ")" else -1))
        elif token.kind == "keyword" and token.text in CLAUSES and depth == 0:
            return token.text
    return ""


def tables_named(tokens: Sequence[Token]) -> dict[str, str]:
    """Give the tables that FROM names, in lower case, by the names that columns may have before them."""
    found: dict[str, str] = {}
    wanted = in_from = False
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.kind == "keyword" and token.text in CLAUSES:
            wanted = in_from = token.text in ("FROM", "JOIN")
        elif token.is_symbol(",") and in_from:
            wanted = True
        elif wanted and token.kind in NAMES:
            wanted = False
            parts = [token.text]
            while index + 1 < len(tokens) and tokens[index].is_symbol(".") and tokens[index + 1].kind in NAMES:
                parts.append(tokens[index + 1].text)
                index += 2
            index += index < len(tokens) and tokens[index] == Token("keyword", "AS", tokens[index].at)
            has_alias = index < len(tokens) and tokens[index].kind in NAMES
            found[tokens[index].text if has_alias else parts[-1]] = ".".join(parts).lower()
    return found


def candidates(place: Place, named: Mapping[str, str], tables: Mapping[str, Table]) -> Iterator[Suggestion]:
    """Give all ways to go on at a place."""
    if place.qualifiers:
        yield from of_qualifier(place.qualifiers, named, tables)
    elif place.names_a_table:
        yield from (of_table(table) for table in tables.values())
    else:
        if place.clause not in ("", "FROM", "JOIN"):
            yield from of_columns(named, tables)
            yield from (Suggestion(text=delimited(name), kind="table", detail=table) for name, table in named.items())
            yield from of_functions()
        yield from (Suggestion(text=word, kind="word") for word in FOLLOWING.get(place.clause, ()))


def of_qualifier(
    qualifiers: Sequence[str], named: Mapping[str, str], tables: Mapping[str, Table]
) -> Iterator[Suggestion]:
    """Give the columns of a table by its name before a point, or the tables of a schema."""
    whole = ".".join(qualifiers).lower()
    known = next((table for name, table in named.items() if name.lower() == whole), whole)
    if known in tables:
        yield from map(of_column, tables[known].columns)
    for name, table in tables.items():
        schema, _, rest = name.rpartition(".")
        if schema == whole:
            yield Suggestion(text=delimited(rest), kind="table", detail=f"{len(table.columns)} columns")


def of_table(table: Table) -> Suggestion:
    """Give a table."""
    name = ".".join(delimited(part) for part in table.name.split("."))
    return Suggestion(text=name, kind="table", detail=f"{len(table.columns)} columns")


def of_columns(named: Mapping[str, str], tables: Mapping[str, Table]) -> Iterator[Suggestion]:
    """Give the columns of the tables of FROM; with the table's name where more than one has it."""
    known = {name: tables[table] for name, table in named.items() if table in tables}
    for name, table in known.items():
        others = {column.name for other in known if other != name for column in known[other].columns}
        for column in table.columns:
            shown = of_column(column)
            text = f"{delimited(name)}.{shown.text}" if column.name in others else shown.text
            yield Suggestion(text=text, kind="column", detail=shown.detail)


def of_column(column: Column) -> Suggestion:
    """Give a column."""
    detail = f"{column.datatype} {column.unit or ''}".strip()
    return Suggestion(text=delimited(column.name), kind="column", detail=detail)


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
