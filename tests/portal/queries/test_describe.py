"""What a result says of itself."""

from __future__ import annotations

import pyarrow as pa
import pytest

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.queries.describe import description, position_of
from uraniborg_portal.queries.models import ResultPosition


def column(name: str, ucd: str | None = None) -> Column:
    return Column(name=name, datatype="double", ucd=ucd)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ((), None),
        ((column("ra"), column("dec")), None),
        ((column("a", "pos.eq.ra"), column("b", "pos.eq.dec")), ("a", "b")),
        ((column("a", "pos.eq.ra"), column("b", "pos.eq.dec"), column("c", "pos.eq.ra;meta.main")), ("c", "b")),
        ((column("a", "pos.pm;pos.eq.ra"), column("b", "pos.pm;pos.eq.dec")), None),
    ],
)
def test_the_position_is_known_by_ucds(columns: tuple[Column, ...], expected: tuple[str, str] | None) -> None:
    assert position_of(columns) == (expected and ResultPosition(ra=expected[0], dec=expected[1]))


def test_moved_columns_say_their_epoch() -> None:
    columns = (column("ra_j2015_5"), column("dec_j2015_5"))
    table = pa.table({"ra_j2015_5": [1.0], "dec_j2015_5": [2.0]})
    described = description(QueryResult(table=table, columns=columns, overflow=False, adql="x"), 5, 0.25)
    assert described.epoch == 2015.5
    assert described.position == ResultPosition(ra="ra_j2015_5", dec="dec_j2015_5")
    assert described.columns[0].unit == "deg"
