"""Which shards of a version can hold what is asked for, by its zone map and its index of identifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from uraniborg_portal.catalogs import id_index, zones
from uraniborg_portal.catalogs.shards import Integers, Ranges, ends_of
from uraniborg_portal.errors import NotFound

Spans = Mapping[str, tuple[float, float]]
"""Least and largest value of columns that matter; infinite where there is no bound. NULL never matters."""


@dataclass(frozen=True, kw_only=True)
class RowGroups:
    """Row groups of a version, shard by shard; the arrays are of one length."""

    shard: Integers
    """The number of each one's shard along the curve; rising."""
    part: Integers
    """Which of the shard's files it is in; rising within a shard."""
    number: Integers
    """Its number in the file; rising within one."""
    rows: int
    """Rows of all of them."""

    @property
    def shards(self) -> Integers:
        """The shards that have any of them, rising."""
        return np.unique(self.shard)

    @property
    def files(self) -> tuple[Integers, Integers]:
        """The shard, and the number among its files, of each file that has any; in their order."""
        return self.shard[self._starts], self.part[self._starts]

    @property
    def of_files(self) -> tuple[tuple[int, ...], ...]:
        """The numbers of those of each of `files`."""
        return tuple(tuple(each.tolist()) for each in np.split(self.number, self._starts[1:]) if len(each))

    @cached_property
    def _starts(self) -> Integers:
        return np.flatnonzero((np.diff(self.shard, prepend=-1) != 0) | (np.diff(self.part, prepend=-1) != 0))


class Pruning:
    """What is known of the shards of one version beside their cells; nothing of versions that others wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """The version's folder."""

    def holding(self, identifiers: Sequence[int | str]) -> Integers | None:
        """Give the shards that may hold rows with these identifiers, rising; None where there is no index of them."""
        try:
            return np.array(id_index.find(self.folder, identifiers), dtype=np.int64)
        except NotFound:
            return None

    def matching(self, chosen: Integers, ranges: Ranges | None, spans: Spans) -> RowGroups | None:
        """Give the row groups of some shards that may hold what matters; None where there is no zone map."""
        known = self._zones
        if known is None:
            return None
        groups = _groups_of(known.shard, chosen)
        kept = np.ones(len(groups), np.bool_)
        if ranges is not None:
            lows, highs = ends_of(ranges)
            place = np.searchsorted(highs, known.first[groups], side="right")
            inside = place < len(lows)
            kept &= inside
            kept[inside] &= lows[place[inside]] <= known.last[groups][inside]
        for name, (low, high) in spans.items():
            bounds = known.columns.get(name)
            if bounds is not None:
                kept &= (bounds.most[groups] >= low) & (bounds.least[groups] <= high)
        groups = groups[kept]
        return RowGroups(
            shard=known.shard[groups].astype(np.int64), part=known.part[groups].astype(np.int64),
            number=known.row_group[groups].astype(np.int64), rows=int(known.rows[groups].sum()),
        )  # fmt: skip

    @cached_property
    def _zones(self) -> zones.Zones | None:
        try:
            return zones.load(self.folder)
        except NotFound:
            return None


def _groups_of(shards: npt.NDArray[np.int32], chosen: Integers) -> Integers:
    """Give the row groups of some shards; those of a shard follow each other."""
    first, after = (np.searchsorted(shards, chosen, side=side) for side in ("left", "right"))
    counts = after - first
    starts = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) if len(chosen) else first
    return np.asarray(starts + np.arange(counts.sum()), dtype=np.int64)
