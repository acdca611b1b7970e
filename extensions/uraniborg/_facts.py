"""The facts that a product begins with: numbers for programs, and as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One number or word that a reader of a product wants first."""

    name: str
    title: str
    value: Any
    unit: str = ""
    text: str = ""
    """The value with sensible digits."""

    def __str__(self) -> str:
        """Give title, value and unit."""
        return f"{self.title}: {self.text or self.value} {self.unit}".rstrip()


def facts_of(summary: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> tuple[Fact, ...]:
    """Give the facts of a product's summary, a list of facts or a mapping of names to values or facts."""
    if isinstance(summary, Mapping):
        parts = [{"name": name, **_as_fact(value)} for name, value in summary.items()]
    else:
        parts = [dict(part) for part in summary]
    return tuple(_fact(part) for part in parts)


def _as_fact(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {"value": value}


def _fact(part: Mapping[str, Any]) -> Fact:
    title = str(part.get("title") or part["name"])
    unit, text = str(part.get("unit") or ""), str(part.get("text") or "")
    return Fact(name=str(part["name"]), title=title, value=part.get("value"), unit=unit, text=text)
