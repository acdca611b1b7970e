"""Products in the portal's files: one folder each, there as a whole or not at all, never changed again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from uraniborg_portal.errors import NotFound
from uraniborg_portal.instruments.layout import DOCUMENT, FILES, VIEW
from uraniborg_portal.storage import Storage, StoredFile

FOLDER = "products"

LEFT = 86400.0
"""Files that no product knows of are removed after this, seconds: until then one may still become theirs."""


class Products:
    """The files of all products."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def publish(self, written: Path, document: dict[str, Any]) -> None:
        """Make a written folder the product `document["id"]`: all of it is there, or nothing.

        Raises
        ------
        Unavailable
            The files can't be kept; the message has the reason.
        """
        (written / DOCUMENT).write_text(json.dumps(document, indent=1, allow_nan=False), encoding="utf-8")
        for name in (DOCUMENT, VIEW):
            (written / name).chmod(0o444)
        self.storage.put_folder(written, f"{FOLDER}/{document['id']}", last=DOCUMENT)

    def discard(self, identifier: str) -> None:
        """Remove a product that nobody has seen yet."""
        self.storage.remove(f"{FOLDER}/{identifier}")

    def has(self, identifier: str) -> bool:
        """Tell whether the product's files are there."""
        return self.storage.exists(f"{FOLDER}/{identifier}/{DOCUMENT}")

    def document(self, identifier: str) -> dict[str, Any]:
        """Give the description of a product whose identifier the database knows.

        Raises
        ------
        NotFound
            Somebody removed its files.
        """
        try:
            described: dict[str, Any] = json.loads(self.storage.read(f"{FOLDER}/{identifier}/{DOCUMENT}"))
        except FileNotFoundError as error:
            raise removed() from error
        return described

    def view(self, identifier: str) -> StoredFile:
        """Give the file of the Bokeh view."""
        return StoredFile(path=f"{FOLDER}/{identifier}/{VIEW}", media_type="application/json")

    def file(self, identifier: str, name: str) -> StoredFile:
        """Give one file of a product.

        Raises
        ------
        NotFound
            The product has no file of exactly this name.
        """
        listed = {entry["name"]: entry for entry in self.document(identifier)["files"]}
        if name not in listed:
            raise NotFound(f"This product has no file {name[:80]!r}; it has {', '.join(listed)}.")
        path = f"{FOLDER}/{identifier}/{FILES}/{name}"
        return StoredFile(path=path, media_type=str(listed[name]["media_type"]), name=name)

    def clean(self, known: Callable[[], set[str]]) -> None:
        """Remove what was left of products that were never finished; `known` gives the identifiers of the others."""
        old = [name for name, changed in self.storage.entries(FOLDER).items() if changed < time.time() - LEFT]
        if old:
            for name in set(old) - known():
                self.storage.remove(f"{FOLDER}/{name}")


def removed() -> NotFound:
    """Give the refusal of a product whose files are gone."""
    return NotFound("The files of this product were removed.", "Run the instrument again with its parameters.")
