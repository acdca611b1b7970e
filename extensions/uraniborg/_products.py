"""What an instrument made: files, a view, facts, and the Python that repeats it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from uraniborg._errors import UraniborgError
from uraniborg._facts import facts_of
from uraniborg._portal import Portal, segment

if TYPE_CHECKING:
    from astropy.table import Table

    from uraniborg.widgets._view import View

TABLES = {".ecsv": "ascii.ecsv", ".parquet": "parquet", ".csv": "ascii.csv", ".vot": "votable", ".fits": "fits"}
"""Files that hold a table, in the order in which they are preferred, and astropy's name of the format."""


class File(NamedTuple):
    """One file of a product."""

    name: str
    media_type: str
    size: int
    """Bytes."""
    sha256: str


class Product:
    """A product of an instrument, kept by the portal.

    `files` lists its files, `facts` and `summary` what was found, `parameters` what made it, `python` the code that
    repeats it.
    """

    def __init__(self, portal: Portal, described: Mapping[str, Any]) -> None:
        self._portal = portal
        self._described = described
        self._table: Table | None = None
        self.id = str(described["id"])
        self.instrument = str(described["instrument"])
        self.parameters: dict[str, Any] = dict(described["parameters"])
        self.facts = facts_of(described.get("summary") or ())
        self.python = str(described.get("python") or "")
        self.log = str(described.get("log") or "")
        self.licence = str(described.get("licence") or "")
        self.citation = str(described.get("citation") or "")
        self.files = tuple(File(*(entry[key] for key in File._fields)) for entry in described["files"])

    @property
    def summary(self) -> dict[str, Any]:
        """The value of each fact by its name; `facts` has titles and units too."""
        return {fact.name: fact.value for fact in self.facts}

    @property
    def url(self) -> str:
        """The product's page in the portal."""
        return f"{self._portal.pages}products/{segment(self.id)}"

    @property
    def table(self) -> Table:
        """The product's table, read once.

        Raises
        ------
        UraniborgError
            No file of the product holds a table.
        """
        if self._table is None:
            self._table = self._read_table()
        return self._table

    def open(self, name: str) -> BytesIO:
        """Give the content of one file, open for reading.

        Raises
        ------
        UraniborgError
            The product has no such file.
        """
        if name not in {file.name for file in self.files}:
            names = ", ".join(file.name for file in self.files)
            raise UraniborgError(f"This product has no file {name!r}; it has {names}.", code="not_found")
        return BytesIO(self._portal.content(f"api/products/{segment(self.id)}/files/{segment(name)}"))

    def download(self, directory: str | Path = ".") -> list[Path]:
        """Save every file in a folder (made where it is missing) and list the paths.

        Each file is checked against its SHA-256. A file that is there with other content is never overwritten.

        Raises
        ------
        UraniborgError
            A file of that name exists with other content, or a download is damaged.
        """
        from uraniborg._downloads import save

        folder = Path(directory).expanduser()
        folder.mkdir(parents=True, exist_ok=True)
        return [
            save(folder / Path(file.name).name, self.open(file.name).getvalue(), file.sha256) for file in self.files
        ]

    def view(self) -> View:
        """Give the product's figure; the last line of a cell shows it, `.figure` is the Bokeh model."""
        from uraniborg.widgets._view import View

        return View(self._portal, f"api/products/{segment(self.id)}/view", str(self))

    def __str__(self) -> str:
        """Give one line: the instrument and the parameters."""
        given = [f"{key}={value!r}" for key, value in self.parameters.items() if value is not None]
        return f"{self.instrument}({', '.join(given)})"

    def __repr__(self) -> str:
        """Give instrument, facts and files, a line each."""
        facts = [f"  {fact}" for fact in self.facts]
        files = [f"  {file.name}  {file.size:,} bytes" for file in self.files]
        return "\n".join([f"Product {self}", *facts, *files])

    def _repr_html_(self) -> str:
        facts = "".join(f"<li>{escape(str(fact))}</li>" for fact in self.facts)
        files = "".join(f"<li><code>{escape(f.name)}</code> {f.size:,} bytes</li>" for f in self.files)
        link = f'<a href="{escape(self.url)}" target="_blank" rel="noopener">in the portal</a>'
        return f"<h4>{escape(self.instrument)}: {link}</h4><ul>{facts}</ul><p>Files</p><ul>{files}</ul>"

    def _read_table(self) -> Table:
        for suffix, form in TABLES.items():
            for file in self.files:
                table = self._read(file, form) if file.name.endswith(suffix) else None
                if table is not None:
                    return table
        raise UraniborgError(
            "No file of this product is a table.", "Its files: " + ", ".join(file.name for file in self.files) + "."
        )

    def _read(self, file: File, form: str) -> Table | None:
        """Read a file; None for a FITS file that holds an image."""
        from astropy.io import fits
        from astropy.table import Table

        content = self.open(file.name)
        if form != "fits":
            table: Table = Table.read(content, format=form)
            return table
        with fits.HDUList.fromstring(content.getvalue()) as parts:
            tables = [number for number, part in enumerate(parts) if isinstance(part, fits.BinTableHDU)]
            return Table.read(parts, hdu=tables[0]) if tables else None


def product(portal: Portal, identifier: str) -> Product:
    """Give the product of that identifier."""
    return Product(portal, portal.get(f"api/products/{segment(identifier)}"))
