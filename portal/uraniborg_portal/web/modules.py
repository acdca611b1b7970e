"""Which browser modules an entry point needs, read from their import statements, so that no list can drift."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""The folder of scripts, styles and icons."""

ENTRIES = {
    "browse": "browse/browse.js",
    "instrument": "instrument/instrument.js",
    "queries": "queries/queries.js",
    "remote": "remote/remote.js",
}
"""Entry points that `mount(root, context)`, for pages and notebooks: the catalog browser, the instrument form, the
queries in the background, and other services."""

IMPORT = re.compile(r'^import [^"]* from "(\.{1,2}/[^"]+)";$', re.MULTILINE)
"""Every import of ours is one line, relative, with double quotes: notebooks rewrite them for blob modules."""


def imported(path: str, static: Path = STATIC) -> list[str]:
    """Give the modules that a module imports itself, as paths below the static folder."""
    folder = posixpath.dirname(path)
    found = IMPORT.findall((static / path).read_text("utf-8"))
    return [posixpath.normpath(posixpath.join(folder, target)) for target in found]


def load_order(entry: str, static: Path = STATIC) -> list[str]:
    """Give the entry first, then what it imports, each after everything that it imports itself."""
    ordered: list[str] = []

    def visit(path: str) -> None:
        for target in imported(path, static):
            if target not in ordered:
                visit(target)
        if path not in ordered:
            ordered.append(path)

    visit(entry)
    return [entry, *ordered[:-1]]


def listing(static: Path = STATIC) -> dict[str, list[str]]:
    """Give the load order of every entry point: what `static/modules.json` holds."""
    return {name: load_order(path, static) for name, path in ENTRIES.items()}
