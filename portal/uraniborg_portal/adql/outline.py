"""What a query that is being written names so far: the tables that a place in it can see, and what they give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from uraniborg_portal.adql.models import Table
from uraniborg_portal.adql.tokens import Token

NAMES = ("name", "delimited")
"""Kinds of tokens that are names."""
SET_OPERATIONS = ("UNION", "EXCEPT", "INTERSECT")
CLAUSES = (
    "SELECT", "FROM", "JOIN", "ON", "USING", "WHERE", "GROUP", "HAVING", "ORDER", "OFFSET", "WITH", *SET_OPERATIONS,
)  # fmt: skip
"""Words that begin a part of a query; the last one before a place says what is wanted there."""

Given = tuple[tuple[str, str], ...]
"""Columns that a table or query gives: each one's name, and its type and unit where they are known."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a place in a query can name."""

    tables: Mapping[str, Given]
    """The tables of FROM, by the name that may stand before their columns."""
    queries: Mapping[str, Given]
    """The queries of WITH before it, by name."""
    outputs: Given
    """What the query gives whose part it is."""
    is_set: bool = False
    """Whether that is a set operation, so that only what it gives can be sorted by."""


@dataclass(eq=False)
class Level:
    """A query, or one side of a set operation: what stands between the same parentheses."""

    around: Level | None = None
    tables: dict[str, Given] = field(default_factory=dict)
    entries: list[list[Token]] = field(default_factory=lambda: [[]])
    """What stands after SELECT, entry by entry, without what is in parentheses."""
    clause: str = ""
    is_query: bool = False
    wants_table: bool = False
    sees_around: bool = True
    """Whether columns of the query around it can be named: not in FROM and WITH, whose queries stand for themselves."""
    first: Given | None = None
    """What the first side of a set operation gives: the names of them all."""

    def given(self) -> Given:
        """Give the columns of this query."""
        if self.first is not None:
            return self.first
        known = dict(pair for table in self.tables.values() for pair in table)
        found: dict[str, str] = {}
        for entry in filter(None, map(without_limits, self.entries)):
            if entry[-1].is_symbol("*") and (len(entry) == 1 or entry[-2].is_symbol(".")):
                found |= known if len(entry) == 1 else dict(self.tables.get(entry[-3].text, ()) if entry[2:] else ())
            else:
                name, column = named(entry)
                found[name] = known.get(column, "")
        return tuple(found.items())

    def visible(self) -> dict[str, Given]:
        """Give the tables of this query, and then of those around it; the nearer one wins."""
        found: dict[str, Given] = {}
        level: Level | None = self
        while level is not None:
            found |= {name: given for name, given in level.tables.items() if name not in found}
            level = level.around if level.sees_around else None
        return found


class Outline:
    """Reads tokens from left to right."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._known = tables
        self._queries: dict[str, Given] = {}
        self._level = Level()
        self._named: list[str | None] = []
        """For each open parenthesis the name that WITH gives to it."""

    def seen_at(self, tokens: Sequence[Token], place: int) -> Seen:
        """Give what can be named between two tokens."""
        here, known, index = self._level, 0, 0
        while index < len(tokens):
            if index <= place:
                here, known = self._level, len(self._queries)
            index += self._take(tokens, index)
        if place >= len(tokens):
            here, known = self._level, len(self._queries)
        queries = dict(islice(self._queries.items(), known))
        return Seen(tables=here.visible(), queries=queries, outputs=here.given(), is_set=here.first is not None)

    def _take(self, tokens: Sequence[Token], index: int) -> int:
        """Read one token, or some that belong together, and give how many."""
        token, level = tokens[index], self._level
        if token.is_symbol("("):
            self._open(tokens, index)
        elif token.is_symbol(")"):
            return 1 + self._close(tokens, index + 1)
        elif token.kind == "keyword" and token.text in CLAUSES:
            self._clause(token.text)
        elif token.is_symbol(",") and level.clause == "FROM":
            level.wants_table = True
        elif level.wants_table and token.kind in NAMES:
            return self._table(tokens, index)
        elif level.clause == "SELECT":
            level.entries.append([]) if token.is_symbol(",") else level.entries[-1].append(token)
        return 1

    def _open(self, tokens: Sequence[Token], index: int) -> None:
        before = tokens[max(0, index - 2) : index]
        named = len(before) == 2 and before[0].kind in NAMES and before[1].text == "AS" and self._level.clause == "WITH"
        self._named.append(before[0].text if named else None)
        in_from = self._level.wants_table
        self._level = Level(
            around=self._level,
            clause="FROM" if in_from else "",
            wants_table=in_from,
            sees_around=not (in_from or named),
        )

    def _close(self, tokens: Sequence[Token], index: int) -> int:
        """End what stands between parentheses, and give how many tokens name it."""
        inner, around = self._level, self._level.around
        if around is None:
            return 0
        name, self._level = self._named.pop(), around
        if name is not None:
            self._queries[name] = inner.given()
        elif around.clause == "SELECT":
            around.entries[-1].append(Token("symbol", ")", -1))
        elif around.wants_table:
            around.wants_table = False
            alias, length = alias_at(tokens, index)
            if alias:
                every = tuple(dict(pair for table in inner.tables.values() for pair in table).items())
                around.tables[alias] = inner.given() if inner.is_query else every
            elif inner.is_query:
                # Parentheses around parentheses: the name comes after the outer ones.
                around.is_query, around.first = True, inner.given()
            else:
                around.tables |= inner.tables
            return length
        return 0

    def _clause(self, word: str) -> None:
        if word in SET_OPERATIONS:
            before = self._level
            self._level = Level(around=before.around, sees_around=before.sees_around, first=before.given())
        level = self._level
        level.clause = "FROM" if word == "JOIN" else word
        level.is_query |= word == "SELECT"
        level.wants_table = level.clause == "FROM"

    def _table(self, tokens: Sequence[Token], index: int) -> int:
        start, parts = index, [tokens[index].text]
        while index + 2 < len(tokens) and tokens[index + 1].is_symbol(".") and tokens[index + 2].kind in NAMES:
            parts.append(tokens[index + 2].text)
            index += 2
        alias, length = alias_at(tokens, index + 1)
        self._level.wants_table = False
        self._level.tables[alias or parts[-1]] = self._columns(".".join(parts))
        return index + 1 + length - start

    def _columns(self, name: str) -> Given:
        own = next((given for query, given in self._queries.items() if query.lower() == name.lower()), None)
        if own is not None:
            return own
        table = self._known.get(name.lower())
        columns = table.columns if table else ()
        return tuple((each.name, f"{each.datatype} {each.unit or ''}".strip()) for each in columns)


def alias_at(tokens: Sequence[Token], index: int) -> tuple[str, int]:
    """Give the name that `[AS] name` gives here, or an empty one, and how many tokens that is."""
    words = int(index < len(tokens) and tokens[index].kind == "keyword" and tokens[index].text == "AS")
    named = index + words < len(tokens) and tokens[index + words].kind in NAMES
    return (tokens[index + words].text, words + 1) if named else ("", words)


def without_limits(entry: list[Token]) -> list[Token]:
    """Give an entry after SELECT without DISTINCT, ALL and TOP n before it."""
    start = 0
    while start < len(entry) and entry[start].kind == "keyword" and entry[start].text in ("DISTINCT", "ALL", "TOP"):
        start += 2 if entry[start].text == "TOP" else 1
    return entry[start:]


def named(entry: list[Token]) -> tuple[str, str]:
    """Give the name of the column that an entry makes, as binding names it, and the column that it shows unchanged."""
    value, name = entry, ""
    if len(entry) > 1 and entry[-1].kind in NAMES and (ends(entry[-2]) or entry[-2].text == "AS"):
        name, value = entry[-1].text, entry[: -2 if entry[-2].text == "AS" else -1]
    is_column = len(value) % 2 == 1 and all(
        token.is_symbol(".") if index % 2 else token.kind in NAMES for index, token in enumerate(value)
    )
    if len(value) == 1 and value[0].kind in ("number", "string"):
        return name or ("number" if value[0].kind == "number" else "text"), ""
    if len(value) == 2 and value[-1].is_symbol(")"):
        return name or value[0].text.lower(), ""
    if value and value[-1].kind == "keyword" and value[-1].text == "END":
        return name or "case", ""
    return (name or value[-1].text, value[-1].text) if is_column else (name or "expression", "")


def ends(token: Token) -> bool:
    """Say whether a value can end with a token."""
    return token.kind in (*NAMES, "number", "string") or token.is_symbol(")") or token.text in ("END", "NULL")
