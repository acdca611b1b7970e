"""A list of targets, and what of it could not be read."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from uraniborg_portal.catalogs.models import Column

UPLOAD = "targets"
"""What a query names the list: `TAP_UPLOAD.targets`."""
NUMBER, TARGET, SOURCE, RA, DEC = "target_number", "target", "target_source", "target_ra", "target_dec"
"""Columns of every list, or of one of texts."""

OWN = (
    Column(
        name=NUMBER, datatype="long", ucd="meta.record", description="Number of the line or row in the list, from 1"
    ),
    Column(name=RA, datatype="double", unit="deg", ucd="pos.eq.ra", description="Right ascension of the target, ICRS"),
    Column(name=DEC, datatype="double", unit="deg", ucd="pos.eq.dec", description="Declination of the target, ICRS"),
)
"""The columns that every list has."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A line or row that is no target."""

    number: int
    """Which line or row, from 1."""
    text: str
    """What it holds, cut where it is long."""
    why: str


@dataclass(frozen=True, kw_only=True)
class TargetList:
    """Targets as a table with the columns of `OWN`, and what was left out of it."""

    table: pa.Table
    columns: tuple[Column, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class Match:
    """How a list is to be matched."""

    list: str
    """The id of the kept list."""
    columns: tuple[Column, ...]
    """The list's."""
    nearest: bool = True
    """Whether each target has its nearest row only, not all within the radius."""
    keep_all: bool = False
    """Whether targets without a row are kept, too."""
