"""Joins by position agree with astropy for any two tables, in every form, and don't try every pair."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord, angular_separation, search_around_sky
from hypothesis import example, given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.engine import match
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.engine.upload import Upload, upload_of
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits

Array = npt.NDArray[np.float64]
Position = tuple[float, float]
NEAR = 1e-9
"""Degrees from a radius within which last digits decide."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    home = tmp_path_factory.mktemp("joins")
    install_samples(home / "catalogs")
    made = Engine(CatalogRegistry(home / "catalogs"), QueryLimits(seconds=20), home / "spill")
    yield made
    made.close()


@pytest.fixture(scope="module", params=["by bands", "by pairs"], autouse=True)
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Pairs are tried one by one within bands of latitude, or found beforehand: as for large tables."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "by pairs":
            patch.setattr(match, "FEW_PAIRS", 0)
        yield


@pytest.fixture(scope="module")
def close_pairs(engine: Engine) -> int:
    """Pairs of Hipparcos within 0.01 degrees, by astropy."""
    stars = engine.run("SELECT ra, dec FROM hipparcos", 200_000).table
    where = SkyCoord(stars["ra"].to_numpy() * u.deg, stars["dec"].to_numpy() * u.deg)
    first, second, _, _ = search_around_sky(where, where, 0.01 * u.deg)
    return int(np.sum(first < second))


def uploaded(name: str, places: list[Position], radius: float = 0.0) -> Upload:
    ra, dec = (np.array([place[axis] for place in places], dtype=float) for axis in (0, 1))
    table = {"id": np.arange(len(places)), "ra": ra, "dec": dec, "radius": np.full(len(places), radius)}
    return upload_of(name, pa.table(table), {})


def away(a: list[Position], b: list[Position]) -> Array:
    """Separations, degrees, shape (a, b)."""
    first, second = (np.radians(np.array(places, dtype=float).reshape(-1, 2)) for places in (a, b))
    found = angular_separation(first[:, None, 0], first[:, None, 1], second[None, :, 0], second[None, :, 1])
    return np.asarray(np.degrees(found))


FORMS = {
    "contains": "a JOIN b ON 1 = CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, {r}))",
    "contains, the other way": "a JOIN b ON CONTAINS(POINT('ICRS', b.ra, b.dec), CIRCLE('ICRS', a.ra, a.dec, {r})) = 1",
    "distance of points": "a JOIN b ON DISTANCE(POINT(a.ra, a.dec), POINT(b.ra, b.dec)) <= {r}",
    "distance of numbers": "b JOIN a ON {r} >= DISTANCE(b.ra, b.dec, a.ra, a.dec)",
    "a radius of one": "a JOIN b ON 1 = CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, b.radius))",
    "a radius of the other": "a JOIN b ON 1 = CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, a.radius))",
    "a radius of both": "a JOIN b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= (a.radius + b.radius) / 2",
    "circles": "a JOIN b ON 1 = INTERSECTS(CIRCLE(a.ra, a.dec, {r} * 0.25), CIRCLE(b.ra, b.dec, {r} * 0.75))",
    "where": "a, b WHERE 1 = CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, {r}))",
    "galactic": "a JOIN b ON 1 = CONTAINS(gavo_transform('ICRS', 'GALACTIC', POINT(a.ra, a.dec)), "
    "CIRCLE(gavo_transform('ICRS', 'GALACTIC', POINT(b.ra, b.dec)), {r}))",
}
PLACES = st.lists(
    st.tuples(
        st.sampled_from([0.0, 359.9999999, 180.0, 12.5]) | st.floats(0, 360),
        st.sampled_from([90.0, -90.0, 0.0, 89.9999]) | st.floats(-90, 90),
    ),
    min_size=1,
    max_size=12,
)
RADII = st.sampled_from([0.0, 1e-6, 1 / 3600, 90.0, 179.9, 180.0]) | st.floats(0, 180)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=12, deadline=None)
@given(a=PLACES, b=PLACES, radius=RADII)
@example(a=[(0.0, 0.0), (5.0, 90.0)], b=[(360.0, 0.0), (200.0, 90.0)], radius=0.0)
@example(a=[(0.0, 0.0), (10.0, 50.0)], b=[(180.0, 0.0), (190.0, -50.0)], radius=180.0)
@example(a=[(359.9, 60.0)], b=[(0.1, 60.0), (0.1, 60.2)], radius=0.1001)
def test_pairs_agree_with_astropy(
    engine: Engine, form: str, a: list[Position], b: list[Position], radius: float
) -> None:
    source = FORMS[form].format(r=repr(radius)).replace("a JOIN", "TAP_UPLOAD.a AS a JOIN").replace(
        "b JOIN", "TAP_UPLOAD.b AS b JOIN").replace("JOIN b", "JOIN TAP_UPLOAD.b AS b").replace(
        "JOIN a", "JOIN TAP_UPLOAD.a AS a").replace("a, b W", "TAP_UPLOAD.a AS a, TAP_UPLOAD.b AS b W")  # fmt: skip
    query = " ".join(["SELECT a.id AS one, b.id AS other FROM", source])
    uploads = [uploaded("a", a, radius), uploaded("b", b, radius)]
    found = engine.run(query, 1_000, uploads=uploads).table
    pairs = set(zip(found["one"].to_pylist(), found["other"].to_pylist(), strict=True))
    apart = away(a, b)
    assert len(pairs) == found.num_rows
    # Two rotations cost some digits.
    near = 1e-6 if form == "galactic" else NEAR
    sure = {(int(i), int(j)) for i, j in np.argwhere(apart <= radius - near)}
    assert sure <= pairs <= {(int(i), int(j)) for i, j in np.argwhere(apart <= radius + near)}


def counted(engine: Engine, query: str, *uploads: Upload) -> list[object]:
    return next(iter(engine.run(query, 10, uploads=uploads).table.to_pylist())).values()


def test_rows_without_a_position_are_near_nothing_and_far_from_nothing(engine: Engine) -> None:
    nan = float("nan")
    a = uploaded("a", [(1.0, 1.0), (nan, 1.0), (1.0, nan), (50.0, 50.0)])
    b = uploaded("b", [(1.0, 1.0), (nan, 1.0), (1.0, nan), (nan, -80.0)])
    near = "CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, 0.1))"
    pairs = "SELECT a.id AS one, b.id AS other FROM TAP_UPLOAD.a AS a, TAP_UPLOAD.b AS b WHERE"
    for condition, expected in (
        (f"{near} = 1", {(0, 0)}),
        (f"NOT ({near} = 1)", {(3, 0)}),
        (f"{near} = 0", {(3, 0)}),
        ("NOT DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.1", {(3, 0)}),
    ):
        found = engine.run(" ".join([pairs, condition]), 100, uploads=[a, b]).table
        assert set(zip(found["one"].to_pylist(), found["other"].to_pylist(), strict=True)) == expected, condition
    query = " ".join(["SELECT a.id, b.id AS b FROM TAP_UPLOAD.a AS a LEFT JOIN TAP_UPLOAD.b AS b ON", near, "= 1"])
    found = engine.run(query, 100, uploads=[a, b]).table
    assert dict(zip(found["id"].to_pylist(), found["b"].to_pylist(), strict=True)) == {0: 0, 1: None, 2: None, 3: None}


def test_ten_thousand_places_are_matched_with_a_catalog(engine: Engine) -> None:
    """By all pairs it takes minutes; the engine stops after 20 s."""
    stars = engine.run("SELECT TOP 10000 hip, ra, dec FROM hipparcos ORDER BY hip", 10_000).table
    mine = upload_of("mine", stars, {})
    join = "TAP_UPLOAD.mine AS m JOIN hipparcos AS h ON 1 = CONTAINS(POINT(h.ra, h.dec), CIRCLE(m.ra, m.dec, 1/3600.0))"
    query = " ".join(["SELECT COUNT(*) AS n, SUM(CASE WHEN m.hip = h.hip THEN 1 ELSE 0 END) AS same FROM", join])
    count, same = counted(engine, query, mine)
    assert same == 10_000 and count == same
    alone = " ".join(
        ["SELECT COUNT(*) AS n FROM TAP_UPLOAD.mine AS m WHERE NOT EXISTS (SELECT 1 FROM hipparcos AS h WHERE",
         "h.hip <> m.hip AND DISTANCE(h.ra, h.dec, m.ra, m.dec) < 0.05)"]
    )  # fmt: skip
    (isolated,) = counted(engine, alone, mine)
    assert 9_000 < int(str(isolated)) < 10_000


@pytest.mark.parametrize(
    "source",
    [
        "JOIN hipparcos AS b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.01 AND a.hip < b.hip",
        "JOIN hipparcos AS b ON 1 = CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, 0.01)) WHERE a.hip < b.hip",
        ", hipparcos AS b WHERE a.hip < b.hip AND DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.01",
        "JOIN hipparcos AS b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) < 0.01 AND b.hip BETWEEN a.hip + 1 AND 1000000",
    ],
)
def test_pairs_of_one_catalog_are_found_beside_other_comparisons(engine: Engine, close_pairs: int, source: str) -> None:
    assert list(counted(engine, " ".join(["SELECT COUNT(*) AS n FROM hipparcos AS a", source]))) == [close_pairs]
