"""The shards of a catalog along the HEALPix curve, as arrays: a million of them are searched in microseconds."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from uraniborg_portal.catalogs import hats
from uraniborg_portal.catalogs.layout import HEALPIX_ORDER
from uraniborg_portal.catalogs.models import Collection, Shard

Integers = npt.NDArray[np.int64]
Ranges = Sequence[tuple[int, int]]
"""Half-open ranges of the HEALPix index of order 29."""


class Shards(Sequence[Shard]):
    """All shards of one version of a catalog, in the order of their cells, which share nothing. Never changed."""

    are_cells = True
    """Whether each has a part of the sky for itself, so that a query can be cut into some of them after the others."""

    def __init__(
        self,
        collection: Collection,
        numbers: Iterable[tuple[int, int, int, int]],
        parts: Sequence[int] | None = None,
    ) -> None:
        """Take order, pixel, rows and margin rows of each shard, in HEALPix order, and its files as `Stored.parts`."""
        self.collection = collection
        self.parts = parts
        """How many files each has, where we wrote them into folders; None elsewhere."""
        table: Integers = np.array(numbers if isinstance(numbers, Sequence) else list(numbers), dtype=np.int64)
        self._numbers = table.reshape(-1, 4)
        orders, pixels, rows, _ = self._numbers.T
        shift = 2 * (HEALPIX_ORDER - orders)
        self.starts: Integers = pixels << shift
        """The first index of each cell."""
        self.ends: Integers = (pixels + 1) << shift
        """The first index behind each cell."""
        self.rows: Integers = rows
        self._before: Integers = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Shard: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Shard, ...]: ...

    def __getitem__(self, index: int | slice) -> Shard | tuple[Shard, ...]:
        """Give one shard with its files, or some."""
        if isinstance(index, slice):
            return tuple(self[each] for each in range(len(self))[index])
        return self.shard(index)

    def shard(self, index: int) -> Shard:
        """Give one shard with its files."""
        order, pixel, rows, margin = self._numbers[index].tolist()
        return hats.shard(self.collection, (order, pixel, rows, margin), self.parts[index] if self.parts else None)

    def __iter__(self) -> Iterator[Shard]:
        """Give one after another."""
        return (self[index] for index in range(len(self)))

    def touching(self, ranges: Ranges | None) -> Integers:
        """Give the indices of the shards whose cells touch any of these ranges, all of them for None; rising."""
        if ranges is None:
            return np.arange(len(self), dtype=np.int64)
        lows, highs = ends_of(ranges)
        first = np.searchsorted(self.ends, lows, side="right")
        after = np.searchsorted(self.starts, highs, side="left")
        # Where one range starts in the shard in which another ended, that shard is named by both.
        found = [np.arange(a, b, dtype=np.int64) for a, b in zip(first, after, strict=True) if a < b]
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)

    def are_inside(self, chosen: Integers, ranges: Ranges) -> bool:
        """Say whether the cells of some shards lie wholly in these ranges, which rise and share nothing."""
        lows, highs = ends_of(ranges)
        place = np.searchsorted(lows, self.starts[chosen], side="right") - 1
        return bool(len(lows)) and bool(np.all((place >= 0) & (highs[place] >= self.ends[chosen])))

    def expected_rows(self, ranges: Ranges | None) -> int:
        """Give the rows in these ranges, which share nothing, as if those of a shard lay evenly in its cell."""
        if ranges is None:
            return int(self._before[-1])
        lows, highs = ends_of(ranges)
        return math.ceil(float((self._rows_before(highs) - self._rows_before(lows)).sum()))

    def _rows_before(self, places: Integers) -> npt.NDArray[np.float64]:
        if not len(self):
            return np.zeros(len(places))
        shard = np.maximum(np.searchsorted(self.starts, places, side="right") - 1, 0)
        size = self.ends[shard] - self.starts[shard]
        part = np.clip(places - self.starts[shard], 0, size) / size
        return np.asarray(self._before[shard] + part * self.rows[shard], dtype=np.float64)


def ends_of(ranges: Ranges) -> tuple[Integers, Integers]:
    """Give where ranges start, and where they end."""
    both: Integers = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
