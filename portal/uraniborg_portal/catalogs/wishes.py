"""What the user says about a catalog that is to be added, and how it is to be added."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from uraniborg_portal.catalogs import names
from uraniborg_portal.catalogs.entry import MARGIN_ARCSEC, ROWS_PER_SHARD
from uraniborg_portal.catalogs.models import Readers
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.errors import BadParameter

MOST_ANEW = 1_000_000
"""Rows of shards that are written in about a second."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user says about a catalog; None and empty leave it to the files."""

    name: str
    ra: str | None = None
    """Column, and its unit behind a colon where it is not obvious: `positions.guess` reads it."""
    dec: str | None = None
    epoch: float | None = None
    """Julian year of the positions."""
    title: str = ""
    description: str = ""
    licence: str = ""
    citation: str = ""
    readers: Readers | None = None
    """Who may read it; None: everyone whom the portal lets read."""
    identifier: str | None = None
    """Column whose value names a row."""
    notes: dict[str, Note] = field(default_factory=dict)
    """Unit, UCD and description of columns, over what the files say."""
    types: dict[str, str] = field(default_factory=dict)
    """Arrow types of columns of text files; rows with other values are kept aside."""
    margin_arcsec: float = MARGIN_ARCSEC
    rows_per_shard: int = ROWS_PER_SHARD
    of: str | None = None
    """The catalog to whose rows its own belong; None where they lie by themselves."""
    of_column: str | None = None
    """The column that names those rows; None: the one that is called as the identifier there."""

    def __post_init__(self) -> None:
        names.check(self.name)
        if self.of_column is not None and self.of is None:
            raise BadParameter(
                f"The column {self.of_column!r} names rows of no catalog.", "Name their catalog with --of.", field="of"
            )
        if self.of is not None and self.of.lower() == self.name:
            raise BadParameter(
                f"The rows of {self.name} can't belong to its own.", "Name another catalog with --of.", field="of"
            )
        if self.of is not None and (self.ra or self.dec or self.epoch is not None):
            raise BadParameter(
                f"Rows of {self.name} have the positions and the epoch of those of {self.of}: no others are accepted.",
                "Leave out --ra, --dec and --epoch; its own positions stay as columns.",
                field="of",
            )


@dataclass(frozen=True, kw_only=True)
class Increment:
    """What the user says about files whose rows are to be appended to a catalog."""

    name: str
    """Of the catalog."""
    ra: str | None = None
    """Its column, with the unit that the files have behind a colon: `positions.guess` reads it."""
    dec: str | None = None
    leave_out_unknown: bool = False
    """Leave out columns that the catalog does not have; otherwise that is refused."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How an ingest is to be done."""

    replace: bool = False
    """Add a version where the catalog is there already; otherwise that is refused."""
    resume: bool = False
    """Go on with an ingest that was interrupted."""
    restart: bool = False
    """Forget an ingest that was interrupted."""
    publish: bool = True
    """Make the new version the current one."""
    max_bad: int = 1_000
    """Rows that may be kept aside; one more ends the ingest."""
    max_bad_files: int = 0
    """Files that may be kept aside."""
    keep: int = 2
    """Versions before the current one that are kept."""
    most_anew: int = MOST_ANEW
    """Rows of shards that an append writes anew at most; of more, rows go into files beside those there are."""
    workers: int | None = None
    """Processes; None: this one alone for small sources, otherwise one for each processor."""
    mark: str = ""
    """What the version is to be known by: the fingerprint of a declaration."""
    dask: str | None = None
    """Address of a Dask scheduler whose workers see the same folders."""

    def limited(self, *, max_bad: int | None, max_bad_files: int | None, keep: int | None) -> Manner:
        """Give the same with other limits; None leaves one as it is."""
        return dataclasses.replace(
            self,
            max_bad=self.max_bad if max_bad is None else max_bad,
            max_bad_files=self.max_bad_files if max_bad_files is None else max_bad_files,
            keep=self.keep if keep is None else keep,
        )
