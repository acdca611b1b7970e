"""Products of instruments as datasets; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uraniborg_portal import links
from uraniborg_portal.obscore.models import THIS, Dataset, Link, Observation
from uraniborg_portal.registry.entries import entries

COLLECTION = "products"
"""What the keys of products begin with."""


def key_of(product: str) -> str:
    """Give the key of the product of this identifier."""
    return f"{COLLECTION}/{product}"


def dataset_of(document: Mapping[str, Any]) -> Dataset:
    """Give the dataset of a product's description; one of an older version says little of itself."""
    identifier = str(document["id"])
    said = document.get("observation")
    return Dataset(
        key=key_of(identifier),
        collection=str(document["instrument"]),
        title=str(document["title"]),
        created=float(document["created"]),
        observation=Observation(**said) if said else Observation(),
        links=(*files(identifier, document), *documentation(identifier), *progenitors(document)),
    )


def files(identifier: str, document: Mapping[str, Any]) -> tuple[Link, ...]:
    """Give the links to the files of a product."""
    return tuple(
        Link(
            url=links.product_file(identifier, file["name"]),
            semantics=file.get("semantics", THIS),
            content_type=file["media_type"],
            size=file["size"],
            description=file["description"],
        )
        for file in document["files"]
    )


def documentation(identifier: str) -> tuple[Link, ...]:
    """Give the links to a product's page, and to its description for programs."""
    return (
        Link(
            url=links.product_page(identifier), semantics="#documentation", content_type="text/html",
            description="Page with the view, the facts and the way to repeat it",
        ),
        Link(
            url=links.product(identifier), semantics="#documentation", content_type="application/json",
            description="Parameters, facts, provenance, log, and the Python that repeats it",
        ),
    )  # fmt: skip


def progenitors(document: Mapping[str, Any]) -> tuple[Link, ...]:
    """Give the links to the public data files that a product was made of."""
    used = [entries()[name] for name in document["provenance"]["inputs"] if name in entries()]
    return tuple(
        Link(
            url=each.url, semantics="#progenitor", content_type="application/octet-stream", size=each.size,
            description=f"{each.title}: {each.name}",
        )
        for each in used
        if each.url
    )  # fmt: skip
