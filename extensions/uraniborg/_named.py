"""Things that are found by their name, as attributes and as items, and that complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import ClassVar, Generic, TypeVar

from uraniborg._errors import UraniborgError

T = TypeVar("T")


class Named(Generic[T]):
    """A read-only table of named things: `table.name`, `table["name"]`, completion, and the nearest names in errors."""

    kind: ClassVar[str] = "thing"
    """What the things are called in an error."""

    def __init__(self, items: Mapping[str, T]) -> None:
        self._items = dict(items)

    def __getitem__(self, name: str) -> T:
        """Give the thing of that name; an unknown one is a `UraniborgError` with the nearest names."""
        if name in self._items:
            return self._items[name]
        near = tuple(get_close_matches(str(name), self._items, n=3, cutoff=0.5))
        raise UraniborgError(
            f"There is no {self.kind} {name!r}; there are {', '.join(self._items)}.", code="not_found", suggestions=near
        )

    def __getattr__(self, name: str) -> T:
        """Give the thing of that name as an attribute."""
        if name.startswith("_") or name not in self._items:
            raise AttributeError(f"There is no {self.kind} {name!r}; there are {', '.join(self.__dict__['_items'])}.")
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether a thing has this name."""
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        """List the names."""
        return iter(self._items)

    def __dir__(self) -> list[str]:
        """List the names first, for completion."""
        return [*self._items, *(name for name in super().__dir__() if not name.startswith("_"))]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._items)
