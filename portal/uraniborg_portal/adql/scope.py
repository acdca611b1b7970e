"""Which names a place in a query can use: the columns of the tables in FROM, and those of the queries around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from rapidfuzz import fuzz, process
from sqlglot import exp

from uraniborg_portal.adql.models import Term

Named = tuple[str, Term]
"""A column as it is called here, and its value."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """One table or named sub-query in FROM."""

    names: tuple[str, ...]
    """What may stand before its columns, from right to left: alias, or table, schema."""
    columns: tuple[Named, ...]
    scan: str | None = None

    def answers_to(self, parts: tuple[exp.Identifier, ...]) -> bool:
        """Say whether a qualifier (from right to left) names this relation."""
        return len(parts) <= len(self.names) and all(
            same(part, name) for part, name in zip(parts, self.names, strict=False)
        )


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The relations of one FROM, columns that a join made one, and the scope around it."""

    relations: tuple[Relation, ...] = ()
    star: tuple[Named, ...] = ()
    """What `*` gives, in order; merged columns first and once."""
    merged: tuple[Named, ...] = ()
    around: Scope | None = None
    filters: bool = False
    """Whether it is for a condition on rows, before they are grouped."""

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables of this FROM, by the names that stand before their columns in the SQL."""
        return frozenset(column.table for _, term in self.columns() for column in term.sql.find_all(exp.Column))

    def candidates(self, parts: tuple[exp.Identifier, ...]) -> list[Named]:
        """Give the columns that a qualifier leaves; all of them without one."""
        if not parts:
            return list(self.star)
        return [column for relation in self.relations if relation.answers_to(parts) for column in relation.columns]

    def columns(self) -> Iterator[Named]:
        """Give the columns of all relations, and those that a join made one."""
        yield from self.merged
        for relation in self.relations:
            yield from relation.columns

    def chain(self) -> Iterator[Scope]:
        """Give this scope and those around it, from inside to outside."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.around


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What FROM gave: its SQL and the names it brings."""

    sql: exp.Expr
    relations: tuple[Relation, ...]
    star: tuple[Named, ...]
    merged: tuple[Named, ...] = field(default=())


def same(identifier: exp.Identifier, name: str) -> bool:
    """Say whether an identifier means a name: exactly between double quotes, otherwise in any case."""
    return bool(identifier.this == name if identifier.quoted else identifier.this.lower() == name.lower())


def matching(identifier: exp.Identifier, columns: Iterable[Named]) -> list[Named]:
    """Give the columns that an identifier names; an exact match wins over one in another case."""
    found = [column for column in columns if same(identifier, column[0])]
    exact = [column for column in found if column[0] == identifier.this]
    return exact if len(exact) == 1 else found


def advice(name: str, known: Iterable[str]) -> str:
    """Give the sentence that names what is near to a misspelt name, or what there is."""
    names = list(dict.fromkeys(known))
    nearest = [match[0] for match in process.extract(name, names, scorer=nearness, limit=3, score_cutoff=65)]
    if nearest:
        best = nearness(name, nearest[0])
        return f"Did you mean {' or '.join(each for each in nearest if nearness(name, each) > best - 15)}?"
    shown = ", ".join(names[:12])
    return f"There is: {shown}{', ...' if len(names) > 12 else ''}." if names else ""


def nearness(written: str, known: str, *, score_cutoff: float | None = None, processor: object = None) -> float:
    """Give how near a written name is to one that is known, with its schema or without: 100 for equal ones.

    A name that holds the other one, four letters or more, is near. The signature is that of the scorers of RapidFuzz.
    """
    wanted, name = written.lower(), known.lower()
    best = max(fuzz.ratio(wanted, name), fuzz.ratio(wanted, name.rpartition(".")[2]))
    holds = min(len(wanted), len(name)) >= 4 and (wanted in name or name in wanted)
    return max(best, 80.0) if holds else best
