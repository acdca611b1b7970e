"""Rows of two catalogs that are near each other, side by side, from row groups of Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from uraniborg_portal.engine.arrow import without_nan
from uraniborg_portal.engine.fetched import (
    Fetched,
    Numbers,
    OpenFiles,
    Part,
    as_batch,
    columns_of,
    fetched,
    readable,
    typed,
)
from uraniborg_portal.engine.joining import PAIR, JoinedColumn, JoinedSide, Joining
from uraniborg_portal.engine.pairs import Pairs, pairs
from uraniborg_portal.engine.positions import Positions, positions_in

GROUPS = 8
"""Row groups that are read at once of what is given as it is read."""
Test = Callable[[pa.Table], pa.Table]
"""Gives, as its only column, the numbers of those pairs that the SQL finds within the angle."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """Positions of a catalog's rows, and where its other columns are."""

    held: Fetched
    places: Positions
    columns: tuple[JoinedColumn, ...]
    """Those of the answer that it has."""
    late: tuple[str, ...]
    """What has to be read of them yet."""
    early: dict[str, npt.NDArray[np.float64]]
    """Of the others, the values of all rows, by the name that the file has for them."""

    def rows(self, parts: Sequence[Part]) -> pa.RecordBatch:
        """Read the late columns of some row groups.

        Raises
        ------
        Unavailable
            A file can't be read.
        """
        if not self.late:
            return pa.RecordBatch.from_arrays([], names=[])
        tables = []
        with readable():
            for _, some in groupby(parts, key=lambda part: id(part.file)):
                of_file = list(some)
                numbers = [part.group for part in of_file]
                table = of_file[0].file.read_row_groups(numbers, columns=list(self.late), use_threads=False)
                kept = places_of(of_file)
                if kept is not None:
                    table = pa.Table.from_batches([as_batch(table).take(pa.array(kept))])
                tables.append(table)
            return as_batch(pa.concat_tables(tables))

    def values(self, column: JoinedColumn, numbers: Numbers, rows: dict[str, pa.Array], places: pa.Array) -> pa.Array:
        """Give a column of an answer: of rows with these numbers, which are in `rows` at these places."""
        early = self.early.get(column.source)
        if early is not None:
            # A row of a pair has a position.
            return pa.array(early[numbers])
        values = typed(rows[column.source].take(places), self.held.kinds.field(column.source).type)
        return without_nan(values) if column.no_nan else values


def places_of(parts: Sequence[Part]) -> Numbers | None:
    """Give the places of the rows that were kept of row groups of one file; None where all were."""
    sizes = [part.file.metadata.row_group(part.group).num_rows for part in parts]
    if sum(sizes) == sum(len(part.places) for part in parts):
        return None
    firsts = np.cumsum([0, *sizes[:-1]])
    return np.concatenate([part.places + first for part, first in zip(parts, firsts, strict=True)])


def joined_rows(joining: Joining, files: OpenFiles, test: Test) -> pa.RecordBatchReader:
    """Give the rows of a join.

    Raises
    ------
    TooLarge
        More rows are near each other than are joined at once.
    Unavailable
        A file can't be read; also when rows are taken.
    """
    first, second = (side_of(side, joining, place, files) for place, side in enumerate(joining.sides))
    found = decided(joining, pairs(first.places, second.places, joining.degrees), (first, second), test)
    kinds = [(first, second)[each.side].held.kinds.field(each.source).type for each in joining.columns]
    schema = pa.schema(list(zip([each.name for each in joining.columns], kinds, strict=True)))
    return pa.RecordBatchReader.from_batches(schema, side_by_side(joining, first, second, found, schema))


def side_of(side: JoinedSide, joining: Joining, place: int, files: OpenFiles) -> Side:
    """Read the positions of a side."""
    held = fetched(side.fetch, files)
    places = positions_in(held.table, *side.position)
    early = dict(zip(side.position, places, strict=True))
    columns = tuple(each for each in joining.columns if each.side == place)
    late = tuple(dict.fromkeys(each.source for each in columns if each.source not in early))
    return Side(held=held, places=places, columns=columns, late=late, early=early)


def decided(joining: Joining, found: Pairs, sides: tuple[Side, Side], test: Test) -> tuple[Numbers, Numbers]:
    """Give the numbers of the rows of pairs, those of the first side rising: the SQL decides where digits matter."""
    kept, doubtful = found.sure.copy(), np.flatnonzero(~found.sure)
    if len(doubtful):
        rows = (found.left[doubtful], found.right[doubtful])
        columns = {
            name: values[numbers]
            for said, side, numbers in zip(joining.sides, sides, rows, strict=True)
            for name, values in zip(said.named, side.places, strict=True)
        }
        kept[test(pa.table({**columns, PAIR: doubtful})).column(0).to_numpy()] = True
    return found.left[kept][: joining.most], found.right[kept][: joining.most]


def side_by_side(
    joining: Joining, first: Side, second: Side, found: tuple[Numbers, Numbers], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """Give the rows of pairs as the first side is read; those of the second are in memory."""
    left, right = found
    wanted, at = in_parts(second.held.parts, right)
    others = dict(columns_of(second.rows(wanted))) if wanted else {}
    for start in range(0, len(first.held.parts), GROUPS):
        some = first.held.parts[start : start + GROUPS]
        begin, end = some[0].first, some[-1].first + len(some[-1].places)
        low, high = np.searchsorted(left, [begin, end]).tolist()
        if low == high:
            continue
        numbers = left[low:high], right[low:high]
        rows = dict(columns_of(first.rows(some))), others
        places = pa.array(numbers[0] - begin), pa.array(at[low:high])
        arrays = [
            (first, second)[each.side].values(each, numbers[each.side], rows[each.side], places[each.side])
            for each in joining.columns
        ]
        yield pa.record_batch(arrays, schema=schema)


def in_parts(parts: Sequence[Part], numbers: Numbers) -> tuple[list[Part], Numbers]:
    """Give the row groups that rows are in, and where they are when these are read one after the other."""
    firsts = np.array([part.first for part in parts], np.int64)
    sizes = np.array([len(part.places) for part in parts], np.int64)
    part = np.searchsorted(firsts, numbers, side="right") - 1
    is_wanted = np.zeros(len(parts), np.bool_)
    is_wanted[part] = True
    moved = np.cumsum(np.where(is_wanted, sizes, 0)) - np.where(is_wanted, sizes, 0) - firsts
    wanted = [each for each, wants in zip(parts, is_wanted.tolist(), strict=True) if wants]
    return wanted, numbers + moved[part]
