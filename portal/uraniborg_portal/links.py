"""Every path that the portal builds, relative to its prefix."""

from __future__ import annotations

from urllib.parse import quote

DATALINK = "datalink/links"
"""The DataLink service."""


def catalog_page(name: str) -> str:
    """Give the browser page of a catalog."""
    return f"catalogs/{quote(name)}"


def cone_search(name: str) -> str:
    """Give the Simple Cone Search of a catalog, without parameters."""
    return f"scs/{quote(name)}"


def coverage(name: str) -> str:
    """Give the MOC of a catalog."""
    return f"api/catalogs/{quote(name)}/moc"


def density(name: str) -> str:
    """Give the HiPS of a catalog's density."""
    return f"hips/{quote(name)}"


def record(name: str) -> str:
    """Give the VOResource record of a catalog."""
    return f"records/catalogs/{quote(name)}"


def query_page(identifier: str) -> str:
    """Give the page that shows a stored query result."""
    return f"queries/{quote(identifier)}"


def instrument_page(name: str) -> str:
    """Give the form page of an instrument."""
    return f"instruments/{quote(name)}"


def job_page(identifier: str) -> str:
    """Give the page that follows a job."""
    return f"jobs/{quote(identifier)}"


def product_page(identifier: str) -> str:
    """Give the page of a product."""
    return f"products/{quote(identifier)}"


def product(identifier: str) -> str:
    """Give the description of a product for programs."""
    return f"api/products/{quote(identifier)}"


def product_file(identifier: str, name: str) -> str:
    """Give a file of a product, to be saved."""
    return f"{product(identifier)}/files/{quote(name)}"
