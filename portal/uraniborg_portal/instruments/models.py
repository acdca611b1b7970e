"""What an instrument is, and what it makes: frozen values that every instrument file is written with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from uraniborg_portal.instruments.parameters import Parameters
from uraniborg_portal.obscore.models import THIS, Observation

if TYPE_CHECKING:
    from bokeh.model import Model


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One number or word that a reader of a product wants first."""

    name: str
    """A Python name, the key in the summary."""
    title: str
    value: float | int | str
    unit: str = ""
    """A VOUnit string, or a word where the field has no unit for it (`sigma`)."""
    text: str = ""
    """The value as it is shown, with sensible digits; empty: as it stands."""


@dataclass(frozen=True, kw_only=True)
class ProductFile:
    """One file of a product; `write` makes it at the path that it is given."""

    name: str
    media_type: str
    description: str
    write: Callable[[Path], object]
    semantics: str = THIS
    """What it is to the product: a term of the DataLink core vocabulary, `#this` where it is the product."""


@dataclass(frozen=True, kw_only=True)
class Product:
    """What `run` gives: facts, files and a Bokeh view; the worker stores it."""

    title: str
    summary: tuple[Fact, ...]
    files: tuple[ProductFile, ...]
    view: Model
    """A Bokeh model (a figure or a layout), free of CustomJS and WebGL: pages run it under a strict CSP."""
    observation: Observation = field(default_factory=Observation)
    """Where in space, time and spectrum it is, by which `ivoa.obscore` finds it."""


class Report(Protocol):
    """How a running instrument tells where it is."""

    def progress(self, fraction: float, text: str) -> None:
        """Say how much is done, from 0 to 1, and what is done now."""

    def log(self, line: str) -> None:
        """Add a line to the job's log."""


@dataclass(frozen=True, kw_only=True)
class ProductKind:
    """A product that an instrument makes, as its form offers it."""

    name: str
    title: str
    description: str


Inputs = Mapping[str, Path]
"""The data files that a run asked for: name in the data registry -> file on this machine."""


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """An instrument: one file that ends with `INSTRUMENT = Instrument(...)`, named by an entry point.

    Its module must be light to import (the web process does): heavy libraries are imported inside `run`.
    """

    name: str
    """Lower case letters, digits and underscores."""
    title: str
    description: str
    version: str
    """Part of the key of a product: change it when the same parameters would give other numbers."""
    licence: str
    citation: str
    parameters: type[Parameters]
    products: tuple[ProductKind, ...]
    form: tuple[tuple[str, ...], ...]
    """Names of the parameters, in groups, in the order of the form."""
    inputs: Callable[[Any], tuple[str, ...]]
    """Parameters -> names of data files in the registry; raises `BadParameter` where there are no data for them."""
    run: Callable[[Any, Inputs, Report], Product]
    picture: Path
    """A PNG or SVG made of real data, for the card."""
    warm: tuple[str, ...] = ()
    """Modules that a worker imports when somebody opens the form, so that the job does not wait for them."""
    libraries: tuple[str, ...] = ()
    """Distributions whose versions belong to the provenance."""
