"""The catalogs of the platform and their columns, with names that complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from uraniborg._connection import current
from uraniborg._errors import UraniborgError
from uraniborg._named import Named


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a catalog; its text form is its name, so that it can stand in an f-string query."""

    name: str
    datatype: str
    unit: str
    ucd: str
    description: str
    minimum: float | None
    maximum: float | None

    def __str__(self) -> str:
        """Give the column's name."""
        return self.name

    def cells(self) -> tuple[str, str, str, str, str]:
        """List name, unit, UCD, range and description."""
        span = "" if self.minimum is None or self.maximum is None else f"{self.minimum:g} … {self.maximum:g}"
        return self.name, self.unit, self.ucd, span, self.description


class Catalog(Named[Column]):
    """A catalog: what it is, and its columns as attributes and items (`c.vmag`, `c["vmag"]`)."""

    kind = "column"

    def __init__(self, described: Mapping[str, Any]) -> None:
        self._described = described
        super().__init__({entry["name"]: _column(entry) for entry in described["columns"]})

    @property
    def name(self) -> str:
        """The name in ADQL."""
        return str(self._described["name"])

    @property
    def title(self) -> str:
        """The title in words."""
        return str(self._described["title"])

    @property
    def description(self) -> str:
        """What the catalog holds, with its licence and citation."""
        told = self._described
        return f"{told['description']}\nLicence: {told['licence']}\nCitation: {told['citation']}"

    @property
    def epoch(self) -> float | None:
        """Julian year of the positions, None where they have no epoch."""
        return self._described.get("epoch")

    def __len__(self) -> int:
        """Give the number of rows that can be searched."""
        return int(self._described["rows"])

    def __str__(self) -> str:
        """Give the catalog's name."""
        return self.name

    def __repr__(self) -> str:
        """Give the title, the number of rows and every column in a line each."""
        lines = [f"{self.name}: {self.title}, {_rows(self._described)}"]
        cells = [column.cells() for column in self._items.values()]
        wide = max((len(cell[0]) for cell in cells), default=0)
        lines += [f"  {name:<{wide}}  {unit:<8}  {text}".rstrip() for name, unit, _, _, text in cells]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        head = f"<h4>{escape(self.title)} <code>{escape(self.name)}</code></h4><p>{_rows(self._described)}</p>"
        rows = [column.cells() for column in self._items.values()]
        return head + _html_table(("column", "unit", "UCD", "range", "description"), rows) + self._foot()

    def _foot(self) -> str:
        told = self._described
        return f"<p><small>{escape(told['licence'])}<br>{escape(told['citation'])}</small></p>"


class Catalogs(Named[Catalog]):
    """Every catalog of the platform, as attributes and items (`catalogs().hipparcos`)."""

    kind = "catalog"

    def __repr__(self) -> str:
        """Give name, number of rows and title in a line each."""
        wide = max((len(name) for name in self._items), default=0)
        return "\n".join(
            f"{name:<{wide}}  {len(entry):>12,} rows  {entry.title}" for name, entry in self._items.items()
        )

    def _repr_html_(self) -> str:
        rows = [(c.name, f"{len(c):,}", str(c.epoch or ""), c.title) for c in self._items.values()]
        return _html_table(("catalog", "rows", "epoch", "title"), rows)

    def __len__(self) -> int:
        """Give the number of catalogs."""
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        """List the catalogs' names."""
        return iter(self._items)


def catalogs() -> Catalogs:
    """List the catalogs of the platform.

    The answer completes: `catalogs().hip<TAB>`, and a catalog's columns likewise. In a notebook it is a table.
    """
    return Catalogs({entry["name"]: Catalog(entry) for entry in current().get("api/catalogs")})


def known_catalog(name: str) -> Catalog:
    """Give the catalog of that name.

    Raises
    ------
    UraniborgError
        No catalog has this name.
    """
    found = catalogs()
    if name not in found:
        raise UraniborgError(
            f"There is no catalog {name!r}.", f"Catalogs here: {', '.join(found)}.", code="not_found", field="catalog"
        )
    return found[name]


def _column(entry: Mapping[str, Any]) -> Column:
    return Column(
        name=entry["name"],
        datatype=entry["datatype"],
        unit=entry.get("unit") or "",
        ucd=entry.get("ucd") or "",
        description=entry.get("description") or "",
        minimum=entry.get("minimum"),
        maximum=entry.get("maximum"),
    )


def _rows(described: Mapping[str, Any]) -> str:
    without = described.get("rows_without_position") or 0
    left = f" ({without:,} more have no position)" if without else ""
    return f"{described['rows']:,} rows{left}"


def _html_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    def line(tag: str, cells: tuple[str, ...]) -> str:
        return "<tr>" + "".join(f'<{tag} style="text-align:left">{escape(c)}</{tag}>' for c in cells) + "</tr>"

    return "<table>" + line("th", head) + "".join(line("td", row) for row in rows) + "</table>"
