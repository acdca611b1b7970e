"""Writes what an instrument made into a folder, and describes it."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bokeh.embed import json_item

from uraniborg_portal.instruments.layout import FILES, VIEW
from uraniborg_portal.instruments.models import Product, ProductFile


def write(product: Product, folder: Path, libraries: tuple[str, ...]) -> dict[str, Any]:
    """Write files and view into `folder`, and give the product's description as JSON values.

    Every file is there with its size and SHA-256; provenance names the versions of Python and of `libraries`.
    """
    (folder / FILES).mkdir(parents=True)
    listed = [write_file(file, folder / FILES) for file in product.files]
    (folder / VIEW).write_text(json.dumps(json_item(product.view), allow_nan=False), encoding="utf-8")
    return {
        "title": product.title,
        "facts": [asdict(fact) for fact in product.summary],
        "summary": {fact.title: f"{fact.text or fact.value} {fact.unit}".rstrip() for fact in product.summary},
        "files": listed,
        "observation": asdict(product.observation),
        "libraries": {"python": platform.python_version()} | {name: version(name) for name in libraries},
    }


def write_file(file: ProductFile, folder: Path) -> dict[str, Any]:
    """Write one file, read-only from then on, and describe it."""
    path = folder / file.name
    file.write(path)
    path.chmod(0o444)
    content = path.read_bytes()
    return {
        "name": file.name,
        "media_type": file.media_type,
        "description": file.description,
        "semantics": file.semantics,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
