"""Products on disk: one folder each, written beside and then renamed, never changed again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from uraniborg_portal.errors import NotFound
from uraniborg_portal.instruments.layout import DOCUMENT, FILES, VIEW


class Products:
    """The folder of all products."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def publish(self, written: Path, document: dict[str, Any]) -> None:
        """Make a written folder the product `document["id"]`: all of it is there, or nothing."""
        (written / DOCUMENT).write_text(json.dumps(document, indent=1, allow_nan=False), encoding="utf-8")
        for name in (DOCUMENT, VIEW):
            (written / name).chmod(0o444)
        written.rename(self.folder / document["id"])

    def discard(self, identifier: str) -> None:
        """Remove a product that nobody has seen yet."""
        shutil.rmtree(self.folder / identifier)

    def has(self, identifier: str) -> bool:
        """Tell whether the product's folder is there."""
        return (self.folder / identifier / DOCUMENT).is_file()

    def document(self, identifier: str) -> dict[str, Any]:
        """Give the description of a product whose identifier the database knows."""
        described: dict[str, Any] = json.loads(self.view_path(identifier, DOCUMENT).read_text(encoding="utf-8"))
        return described

    def view_path(self, identifier: str, name: str = VIEW) -> Path:
        """Give the file of the Bokeh view (or of the description).

        Raises
        ------
        NotFound
            Somebody removed it.
        """
        path = self.folder / identifier / name
        if not path.is_file():
            raise NotFound("The files of this product were removed.", "Run the instrument again with its parameters.")
        return path

    def file(self, identifier: str, name: str) -> tuple[Path, str]:
        """Give path and media type of one file of a product.

        Raises
        ------
        NotFound
            The product has no file of exactly this name.
        """
        listed = {entry["name"]: entry for entry in self.document(identifier)["files"]}
        if name not in listed:
            raise NotFound(f"This product has no file {name[:80]!r}; it has {', '.join(listed)}.")
        return self.folder / identifier / FILES / name, str(listed[name]["media_type"])
