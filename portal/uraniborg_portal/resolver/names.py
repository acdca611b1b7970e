"""A table of names: found by key, and listed for suggestions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from uraniborg_portal.resolver.designation import key
from uraniborg_portal.resolver.models import Resolved


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One object of a table: what it resolves to, and every name that finds it."""

    resolved: Resolved
    names: tuple[str, ...]
    shown: tuple[str, ...] = field(default=())
    """The names worth suggesting."""


class NameTable:
    """A source whose names are in a file of the package; read at the first question."""

    def __init__(self, name: str, load: Callable[[], Iterator[Entry]]) -> None:
        self.name = name
        self.load = load

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every object; where two have a name, the first has it."""
        return tuple(self.load())

    @cached_property
    def index(self) -> dict[str, Resolved]:
        """From key to object."""
        found: dict[str, Resolved] = {}
        for entry in self.entries:
            for name in entry.names:
                found.setdefault(key(name), entry.resolved)
        found.pop("", None)
        return found

    def resolve(self, text: str) -> Resolved | None:
        """Give the object of that name, however it is spelt."""
        return self.index.get(key(text))

    def candidates(self) -> Iterable[str]:
        """Give the names worth suggesting."""
        return (name for entry in self.entries for name in entry.shown)
