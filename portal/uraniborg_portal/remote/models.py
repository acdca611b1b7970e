"""Other TAP services and their tables, as the portal knows them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from uraniborg_portal.catalogs.models import Column


@dataclass(frozen=True, kw_only=True)
class Service:
    """A TAP service somewhere else."""

    name: str
    """What users call it: the name of a preset or of the settings, otherwise its address."""
    title: str
    url: str
    """Its address, without a slash at the end: `sync`, `async` are below it."""


@dataclass(frozen=True, kw_only=True)
class RemoteTable:
    """A table of a service, as its TAP_SCHEMA lists it."""

    name: str
    description: str


@dataclass(frozen=True, kw_only=True)
class DescribedTable:
    """A table with its columns."""

    service: Service
    name: str
    columns: tuple[Column, ...]
    ra: str | None
    """Column of the right ascension, by its UCD; None where there is no such pair."""
    dec: str | None

    def as_json(self) -> dict[str, object]:
        """Give the answer of `GET api/remote/table`."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class RemoteQuery:
    """A query for a service."""

    service: Service
    adql: str
    rows: int
    """Rows given at most."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a service answered to a query: a document, and what it says of itself."""

    content: bytes
    overflow: bool
    """Whether the service says that more rows exist."""
