"""What is left out by zone map and index holds nothing that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs.adopt import adopt
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home = tmp_path_factory.mktemp("pruning")
    install_samples(home / "catalogs")
    made = Engine(CatalogRegistry(home / "catalogs"), QueryLimits(), home / "spill")
    yield made
    made.close()


def shards(engine: Engine, where: str, table: str = "hipparcos") -> int:
    """How many shards a condition reads."""
    (reading,) = engine.plan(" ".join(["SELECT COUNT(*) FROM", table, "WHERE", where]), 10).readings
    return reading.shards


def count(engine: Engine, where: str, table: str = "hipparcos") -> int:
    """How many rows fulfil a condition."""
    return int(engine.run(" ".join(["SELECT COUNT(*) AS n FROM", table, "WHERE", where]), 10).table["n"][0].as_py())


@pytest.mark.parametrize(
    ("where", "table", "read", "rows"),
    [
        ("hip = 11767", "hipparcos", 1, 1),
        ("11767 = hip AND vmag < 3", "hipparcos", 1, 1),
        ("hip IN (11767, 32349)", "hipparcos", 2, 2),
        ("hip = 11767 OR hip = 32349", "hipparcos", 2, 2),
        ("hip = 11767 AND hip = 32349", "hipparcos", 0, 0),
        ("hip = 11767 AND 1 = CONTAINS(POINT(ra, dec), CIRCLE(101.3, -16.7, 1))", "hipparcos", 0, 0),
        ("hip = 11767.5", "hipparcos", 0, 0),
        ("hip = 999999999", "hipparcos", 0, 0),
        ("hip BETWEEN 11767 AND 11767", "hipparcos", 12, 1),
        ("hip IN (11767, vmag)", "hipparcos", 12, 1),
        ("NOT hip = 11767", "hipparcos", 12, 117_954),
        ("vmag < -1", "hipparcos", 1, 1),
        ("vmag > 90", "hipparcos", 0, 0),
        ("vmag < -1 OR vmag > 90", "hipparcos", 12, 1),
        ("name = 'NGC0224'", "openngc", 1, 1),
        ("name IN ('NGC0224', 'NGC0598', 'Andromeda')", "openngc", 2, 2),
        ("LOWER(name) = 'ngc0224'", "openngc", 12, 1),
    ],
)  # fmt: skip
def test_few_shards_are_read_and_all_rows_found(engine: Engine, where: str, table: str, read: int, rows: int) -> None:
    assert shards(engine, where, table) <= read
    assert count(engine, where, table) == rows


def test_rows_expected_are_those_of_the_row_groups(engine: Engine) -> None:
    (asked,) = engine.explain("SELECT hip FROM hipparcos WHERE vmag < 0", 10).tables
    assert asked.rows < 117_955 / 2


NAMES = st.sampled_from(["hip", "vmag", "parallax", "dec"])
VALUES = st.integers(-100, 120_000) | st.integers(-2, 15)
CONDITIONS = st.builds("{} {} {}".format, NAMES, st.sampled_from(["<", "<=", ">", ">=", "="]), VALUES)


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(CONDITIONS, min_size=1, max_size=3), word=st.sampled_from([" AND ", " OR "]), no=st.booleans())
def test_any_comparisons_find_the_rows_that_are_there(engine: Engine, parts: list[str], word: str, no: bool) -> None:
    where = word.join(parts)
    where = " ".join(["NOT (", where, ")"]) if no else where
    # A value that is computed is not compared by limits.
    unpruned = where.replace("hip", "(hip + 0)").replace("vmag", "(vmag + 0)")
    unpruned = unpruned.replace("parallax", "(parallax + 0)").replace("dec", "(dec + 0)")
    assert count(engine, where) == count(engine, unpruned)


def test_a_catalog_of_another_program_is_read_without(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "catalogs"
    adopt(engine.catalogs.collection("hipparcos").root, Wishes(name="theirs"), folder, in_place=True)
    other = Engine(CatalogRegistry(folder), QueryLimits(), tmp_path / "spill")
    try:
        assert shards(other, "hip = 11767", "theirs") == 12
        assert count(other, "hip = 11767", "theirs") == 1
    finally:
        other.close()
