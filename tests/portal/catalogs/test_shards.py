"""Shards are found as by looking at each; also where there are a million."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs.models import Collection
from uraniborg_portal.catalogs.shards import Shards

HERE = Path("sky")
COLLECTION = Collection(
    root=HERE, primary=HERE / "sky", margin=HERE / "margin", margin_arcsec=10, healpix_column="_healpix_29",
    healpix_order=29,
)  # fmt: skip
END = 12 << 58
"""The number of cells of order 29."""
Numbers = tuple[int, int, int, int]


@st.composite
def cut(draw: st.DrawFn) -> list[Numbers]:
    """Cells of several orders that share nothing, some left out, with their rows."""
    cells = [(0, pixel) for pixel in range(12)]
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(cells) - 1))
        order, pixel = cells[place]
        if order < 29:
            cells[place : place + 1] = [(order + 1, 4 * pixel + child) for child in range(4)]
    kept = [cell for cell in cells if draw(st.booleans())]
    return [(order, pixel, draw(st.integers(0, 1000)), draw(st.integers(0, 2))) for order, pixel in kept]


@st.composite
def ranges(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """Half-open ranges that share nothing, rising; ends of cells are likely."""
    edge = st.integers(0, 12 * 16).map(lambda cell: cell << 54)
    ends = sorted(draw(st.lists(st.integers(0, END) | edge, max_size=12, unique=True)))
    return tuple(zip(ends[::2], ends[1::2], strict=False))


@given(cut(), ranges())
def test_touching_shards_are_those_that_share_an_index(
    numbers: list[Numbers], asked: tuple[tuple[int, int], ...]
) -> None:
    shards = Shards(COLLECTION, numbers)
    expected, rows = [], 0.0
    for index, shard in enumerate(shards):
        low, high = shard.healpix_range
        inside = sum(max(0, min(high, end) - max(low, start)) for start, end in asked)
        rows += shard.rows * inside / (high - low)
        expected += [index] * any(low < end and start < high for start, end in asked)
    assert shards.touching(asked).tolist() == expected
    assert shards.expected_rows(asked) == pytest.approx(rows, abs=1)
    assert shards.touching(None).tolist() == list(range(len(numbers)))
    assert shards.expected_rows(None) == sum(shard.rows for shard in shards)


def test_a_shard_knows_its_files() -> None:
    shards = Shards(COLLECTION, [(1, 5, 10, 0), (1, 6, 20, 3)])
    assert [(shard.order, shard.pixel, shard.rows) for shard in shards] == [(1, 5, 10), (1, 6, 20)]
    assert shards[0].files == (HERE / "sky/dataset/Norder=1/Dir=0/Npix=5.parquet",)
    assert shards[0].margin_files == ()
    assert shards[-1].margin_files == (HERE / "margin/dataset/Norder=1/Dir=0/Npix=6.parquet",)
    assert shards[::2] == (shards[0],)


def test_a_million_shards_are_searched_without_looking_at_each() -> None:
    count = 12 * 4**8
    shards = Shards(COLLECTION, [(8, pixel, 1000, 0) for pixel in range(count)])
    low = 4_321 << 42
    assert shards.touching(((low, low + 1), (low + (1 << 42), low + (2 << 42)))).tolist() == [4321, 4322]
    assert shards.expected_rows(((low, low + (1 << 41)),)) == 500
