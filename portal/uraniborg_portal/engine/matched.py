"""Tables that are joined by position: read into memory, with the rows of one that are near each row of another."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from uraniborg_portal.engine.matching import LEFT_ROW, ROW, Match, Matching
from uraniborg_portal.engine.pairs import pairs
from uraniborg_portal.engine.positions import positions_in

Read = Callable[[str], pa.Table]


def matched(matching: Matching, read: Read) -> dict[str, pa.Table]:
    """Give by their names the tables that a step names: all sides with their rows numbered, and the matched rows.

    Raises
    ------
    TooLarge
        More rows are near each other than are joined at once.
    """
    if not matching.matches:
        return {}
    sides = {side.name: numbered(read(side.sql), ROW) for side in matching.sides}
    return sides | {match.name: near_rows(match, sides) for match in matching.matches}


def near_rows(match: Match, sides: dict[str, pa.Table]) -> pa.Table:
    """Give the rows of the right side that are near a row of the left one, as often as they are."""
    left, right = sides[match.left], sides[match.right]
    found = pairs(positions_in(left, *match.left_position), positions_in(right, *match.right_position), match.degrees)
    return right.take(pa.array(found.right)).append_column(LEFT_ROW, pa.array(found.left))


def numbered(table: pa.Table, name: str) -> pa.Table:
    """Give a table with a column that numbers its rows."""
    return table.append_column(name, pa.array(np.arange(table.num_rows, dtype=np.int64)))
