"""The instruments of the platform: each is a function with checked parameters, and a form."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from uraniborg._connection import current
from uraniborg._named import Named
from uraniborg._parameters import checked, signature
from uraniborg._portal import segment

if TYPE_CHECKING:
    from inspect import Signature

    from uraniborg._products import Product
    from uraniborg.widgets._form import Form


class Instrument:
    """An instrument: call it with its parameters and it gives a product.

    The call's signature is the instrument's own (`instrument?` and completion show names, units and defaults).
    """

    def __init__(self, described: Mapping[str, Any]) -> None:
        self._described = described
        self.name = str(described["name"])
        self.title = str(described["title"])
        self.__doc__ = _help(described)
        self.__signature__: Signature = signature(described["schema"])

    def __call__(self, **parameters: object) -> Product:
        """Run the instrument (or take the product from the cache), show how far it is, and give the product.

        Parameters left out have the instrument's defaults; quantities are converted to the parameter's unit.

        Raises
        ------
        UraniborgError
            A parameter is unknown or out of bounds, nobody is signed in, or the job failed.
        """
        from uraniborg._jobs import follow
        from uraniborg._products import product

        portal = current()
        values = checked(self._described["schema"], parameters)
        job = portal.post(f"api/instruments/{segment(self.name)}/jobs", values)
        return product(portal, follow(portal, job))

    def form(self, into: str = "product", **parameters: object) -> Form:
        """Give the instrument's form as a widget; the product lands in the variable named `into`.

        Parameters given here are filled in.
        """
        from uraniborg.widgets._form import Form

        return Form(current(), self.name, into, checked(self._described["schema"], parameters))

    def __repr__(self) -> str:
        """Give the title and each parameter in a line."""
        return f"{self.name}: {self.title}\n" + "\n".join(f"  {line}" for line in _lines(self._described))

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{escape(line)}</li>" for line in _lines(self._described))
        told = escape(str(self._described.get("description") or ""))
        return f"<h4>{escape(self.title)} <code>{escape(self.name)}</code></h4><p>{told}</p><ul>{items}</ul>"


class Instruments(Named[Instrument]):
    """Every instrument of the platform, as attributes and items (`instruments().gw`)."""

    kind = "instrument"

    def __repr__(self) -> str:
        """Give name and title in a line each."""
        return "\n".join(f"{name}  {entry.title}" for name, entry in self._items.items())

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{escape(n)}</td><td>{escape(i.title)}</td></tr>" for n, i in self._items.items())
        return f"<table><tr><th>instrument</th><th>title</th></tr>{rows}</table>"

    def __len__(self) -> int:
        """Give the number of instruments."""
        return len(self._items)


def instruments() -> Instruments:
    """List the instruments of the platform; the answer completes (`instruments().g<TAB>`)."""
    portal = current()
    names = [entry["name"] for entry in portal.get("api/instruments")]
    return Instruments({name: Instrument(portal.get(f"api/instruments/{segment(name)}")) for name in names})


def instrument(name: str) -> Instrument:
    """Give an instrument by its name.

    Raises
    ------
    UraniborgError
        No instrument has this name; the message lists those that there are.
    """
    return Instrument(current().get(f"api/instruments/{segment(name)}"))


def _lines(described: Mapping[str, Any]) -> list[str]:
    return [_line(name, part) for name, part in described["schema"]["properties"].items()]


def _line(name: str, part: Mapping[str, Any]) -> str:
    unit = f" [{part['unit']}]" if part.get("unit") else ""
    known = [str(choice) for choice in part.get("enum", ()) if choice is not None]
    choices = f" One of {', '.join(known)}." if known else ""
    default = f" (default {part['default']!r})" if part.get("default") is not None else ""
    return f"{name}{unit}: {part.get('description') or part.get('title') or ''}{choices}{default}"


def _help(described: Mapping[str, Any]) -> str:
    text = [str(described["title"]), "", str(described.get("description") or ""), "", "Parameters", "----------"]
    return "\n".join([*text, *_lines(described)])
