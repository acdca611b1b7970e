"""What can stand at a place of a query that is being written: tables, columns, functions, words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from uraniborg_portal.adql.continuations import Next, next_after
from uraniborg_portal.adql.models import Table
from uraniborg_portal.adql.outline import CLAUSES, NAMES, Outline, Seen
from uraniborg_portal.adql.signatures import FORMS, SIGNATURES
from uraniborg_portal.adql.tokens import Token, loose_tokens
from uraniborg_portal.adql.udf import USER_FUNCTIONS
from uraniborg_portal.adql.values import AGGREGATES
from uraniborg_portal.adql.words import delimited

MOST = 40
"""Suggestions that are given at once."""


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
    next: Next
    """Which words can come, and whether a value can."""
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
    """Give where the end of a text is; None in a text, a comment or a number, and after a semicolon."""
    tokens = list(loose_tokens(before))
    prefix, replaced = "", 0
    if tokens and tokens[-1].kind in ("open_string", "comment", "end"):
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
        clause=clause,
        names_a_table=wanted,
        next=next_after(tokens, clause),
        tokens=tuple(tokens),
    )


def is_last(token: Token, text: str) -> bool:
    """Say whether a text ends with a word, or with something else that no token has."""
    return token.at + len(token.text) == len(text)


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
        return
    words = place.next.words
    if place.names_a_table:
        yield from (Suggestion(text=delimited(name), kind="table", detail="WITH") for name in seen.queries)
        yield from (of_table(table) for table in tables.values())
        words = ("SELECT",) if place.tokens[-1].is_symbol("(") else ()
    elif place.next.shared:
        yield from of_shared(seen)
    elif place.clause == "ORDER" and seen.is_set and place.next.value:
        yield from of_outputs(seen)
        words = ()
    elif place.next.value:
        yield from of_words(words if place.next.leads else ())
        yield from of_columns(seen)
        if place.clause in ("GROUP", "ORDER"):
            yield from of_outputs(seen)
        yield from of_words(words)
        yield from (Suggestion(text=delimited(name), kind="table") for name in seen.tables)
        yield from of_functions()
    yield from of_words(words)


def of_words(words: Sequence[str]) -> Iterator[Suggestion]:
    """Give words of the language."""
    yield from (Suggestion(text=word, kind="word") for word in words)


def of_outputs(seen: Seen) -> Iterator[Suggestion]:
    """Give the columns that the query itself gives."""
    yield from (Suggestion(text=delimited(name), kind="column", detail=kind) for name, kind in seen.outputs)


def of_shared(seen: Seen) -> Iterator[Suggestion]:
    """Give the columns that more than one table of FROM has."""
    found = dict(pair for given in seen.tables.values() for pair in given)
    for name, count in Counter(name for given in seen.tables.values() for name, _ in given).items():
        if count > 1:
            yield Suggestion(text=delimited(name), kind="column", detail=found[name])


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
    return Suggestion(text=table.written, kind="table", detail=f"{len(table.columns)} columns")


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
