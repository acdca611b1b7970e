"""Light curves in nested columns, as LSDB writes them, are columns of arrays to queries, formats and pages."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.io import fits
from astropy.io.votable import parse_single_table
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.adopt import adopt, adopt_remote
from uraniborg_portal.catalogs.entry import Entry
from uraniborg_portal.catalogs.install import install
from uraniborg_portal.catalogs.models import Position
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import QueryRefused
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import QueryLimits, Settings

OBJECTS, SOURCES = 60, 400


@pytest.fixture(scope="module")
def curves() -> pd.DataFrame:
    """Measurements, whose index is the object's number; object 0 has none."""
    chance = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "mjd": chance.uniform(59_000, 60_000, SOURCES),
            "mag": chance.normal(18, 1, SOURCES).astype("f4"),
            "band": chance.choice(list("gri"), SOURCES),
            "visit": chance.integers(0, 2**60, SOURCES),
        },
        index=np.append(chance.integers(1, OBJECTS, SOURCES - 1), OBJECTS - 1),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, curves: pd.DataFrame) -> Path:
    """The state folder of a portal with a catalog that LSDB wrote."""
    import lsdb
    import nested_pandas

    folder, chance = tmp_path_factory.mktemp("nested"), np.random.default_rng(2)
    objects = nested_pandas.NestedFrame(
        {"id": np.arange(OBJECTS), "ra": chance.uniform(0, 360, OBJECTS), "dec": chance.uniform(-60, 60, OBJECTS)}
    )
    catalog = lsdb.from_dataframe(objects.join_nested(curves, "lc"), ra_column="ra", dec_column="dec")
    catalog.write_catalog(folder / "theirs", catalog_name="theirs")
    heard: list[tuple[str, ...]] = []
    adopt(folder / "theirs", Wishes(name="ztf"), folder / "portal" / "catalogs", in_place=True, told=heard.append)
    assert heard == [("lc.band",)]
    return folder


@pytest.fixture(scope="module")
def nested(home: Path) -> Iterator[TestClient]:
    app = create_app(Settings(home=home, network=False))
    with TestClient(app, base_url="http://testserver/services/portal/") as client:
        yield client


@pytest.fixture(scope="module")
def engine(home: Path) -> Iterator[Engine]:
    with closing(Engine(CatalogRegistry(home / "portal" / "catalogs"), QueryLimits(), home / "spill")) as made:
        yield made


def test_each_field_of_numbers_is_a_column_of_arrays(home: Path) -> None:
    found = CatalogRegistry(home / "portal" / "catalogs").get("ztf")
    arrays = [(each.name, each.datatype, each.arraysize, each.stored) for each in found.columns if each.is_array]
    assert arrays == [
        ("lc_mjd", "double", "*", "lc.mjd"),
        ("lc_mag", "float", "*", "lc.mag"),
        ("lc_visit", "long", "*", "lc.visit"),
    ]


def test_the_light_curves_are_those_that_lsdb_was_given(engine: Engine, curves: pd.DataFrame) -> None:
    rows = engine.run("SELECT id, lc_mjd, lc_mag, lc_visit FROM ztf", 1_000).table.to_pylist()
    assert len(rows) == OBJECTS
    for row in rows:
        expected = curves[curves.index == row["id"]]
        for name in ("mjd", "mag", "visit"):
            assert (row[f"lc_{name}"] or []) == expected[name].tolist()


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("SELECT COUNT(*) AS n FROM ztf WHERE lc_mjd IS NULL", [{"n": 1}]),
        ("SELECT COUNT(lc_mag) AS n FROM ztf", [{"n": OBJECTS - 1}]),
        ("SELECT x.n FROM (SELECT id AS n, lc_mjd FROM ztf WHERE lc_mjd IS NOT NULL) AS x WHERE x.n = 5", [{"n": 5}]),
        ("SELECT COUNT(*) AS n FROM ztf AS a JOIN ztf AS b ON a.id = b.id AND b.lc_mag IS NULL", [{"n": 1}]),
    ],
)  # fmt: skip
def test_arrays_are_counted_and_tested(engine: Engine, query: str, answer: list[dict[str, int]]) -> None:
    assert engine.run(query, 10).table.to_pylist() == answer


@pytest.mark.parametrize(
    "query",
    [
        "SELECT lc_mjd + 1 FROM ztf",
        "SELECT id FROM ztf WHERE lc_mjd > 59000",
        "SELECT id FROM ztf WHERE lc_visit IN (1, 2)",
        "SELECT id FROM ztf WHERE 1 BETWEEN 0 AND lc_mjd",
        "SELECT AVG(lc_mjd) FROM ztf",
        "SELECT SQRT(lc_mjd) FROM ztf",
        "SELECT CAST(lc_mjd AS VARCHAR) FROM ztf",
        "SELECT COALESCE(lc_mjd, 1) FROM ztf",
        "SELECT id FROM ztf WHERE 1 = CONTAINS(POINT(lc_mjd, dec), CIRCLE(1, 1, 1))",
        "SELECT ivo_healpix_index(3, lc_mjd, dec) FROM ztf",
    ],
)
def test_nothing_is_calculated_with_an_array(engine: Engine, query: str) -> None:
    with pytest.raises(
        QueryRefused,
        match=r"found an array \(lc_mjd\)|an array is compared with|compared with an array|mixed in COALESCE",
    ):
        engine.run(query, 10)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM ztf WHERE lc_mjd = lc_mjd",
        "SELECT MAX(lc_mjd) FROM ztf",
        "SELECT CASE WHEN id = 1 THEN lc_mjd ELSE lc_mjd END FROM ztf",
        "SELECT lc_mjd FROM ztf ORDER BY lc_mjd",
        "SELECT lc_mjd FROM ztf ORDER BY 1",
        "SELECT lc_mjd FROM ztf GROUP BY lc_mjd",
        "SELECT lc_mjd AS x FROM ztf GROUP BY x",
        "SELECT lc_mjd FROM ztf UNION SELECT lc_mjd FROM ztf",
    ],
)
def test_arrays_go_through_queries(engine: Engine, query: str) -> None:
    assert engine.run(query, 1_000).rows > 0


def test_every_format_holds_the_arrays(nested: TestClient, engine: Engine) -> None:
    query = "SELECT id, lc_mjd, lc_mag, lc_visit FROM ztf WHERE id IN (0, 1, 2) ORDER BY id"
    expected = engine.run(query, 10).table.to_pylist()

    def answered(form: str) -> io.BytesIO:
        answer = nested.get("tap/sync", params={"QUERY": query, "RESPONSEFORMAT": form})
        assert answer.status_code == 200, answer.text
        return io.BytesIO(answer.content)

    for form in ("votable", "votable/b", "votable/td"):
        table = parse_single_table(answered(form))
        assert (table.get_field_by_id_or_name("lc_mjd").datatype, table.fields[1].arraysize) == ("double", "*")
        assert [list(row["lc_visit"]) for row in table.array[1:]] == [row["lc_visit"] for row in expected[1:]]
    with fits.open(answered("fits")) as found:
        assert found[1].data["lc_mjd"][2].tolist() == expected[2]["lc_mjd"]
    assert pq.read_table(answered("parquet")).to_pylist()[1:] == expected[1:]
    assert pa.ipc.open_stream(answered("arrow")).read_all().to_pylist()[1:] == expected[1:]
    assert json.load(answered("json"))["data"][1][1] == expected[1]["lc_mjd"]
    assert len(pd.read_csv(answered("csv"))["lc_mjd"][1].split()) == len(expected[1]["lc_mjd"])


def test_pages_and_schemas_know_arrays(nested: TestClient) -> None:
    kept = nested.post("api/queries", json={"adql": "SELECT id, lc_mjd FROM ztf"}).json()["id"]
    page = nested.get(f"api/queries/{kept}/rows", params={"sort": "lc_mjd", "descending": "true"}).json()
    lengths = [len(json.loads(row[1])) if row[1] else -1 for row in page["rows"]]
    assert lengths == sorted(lengths, reverse=True)
    query = "SELECT arraysize FROM TAP_SCHEMA.columns WHERE column_name = 'lc_mjd'"
    assert nested.get("tap/sync", params={"QUERY": query, "FORMAT": "csv"}).text.replace('"', "").split() == [
        "arraysize",
        "*",
    ]
    whole_sky = {"RA": "10", "DEC": "10", "SR": "180", "VERB": "3"}
    assert nested.get("scs/ztf", params=whole_sky).text.count("<TR>") == OBJECTS


def test_they_come_from_another_host(
    home: Path, engine: Engine, serve: Callable[[Starlette], AbstractContextManager[str]], tmp_path: Path
) -> None:
    query = "SELECT * FROM ztf WHERE dec > 20"
    with serve(Starlette(routes=[Mount("/", StaticFiles(directory=home / "theirs"))])) as url:
        adopt_remote(url, Wishes(name="ztf"), tmp_path / "catalogs")
        registry = CatalogRegistry(tmp_path / "catalogs")
        with closing(Engine(registry, QueryLimits(), tmp_path / "spill")) as there:
            found, expected = there.run(query, 100).table.to_pylist(), engine.run(query, 100).table.to_pylist()
    assert sorted(found, key=lambda row: int(row["id"])) == sorted(expected, key=lambda row: int(row["id"]))


def test_lists_of_structures_are_read_too(tmp_path: Path) -> None:
    entry = Entry(name="them", title="", position=Position(ra="ra", dec="dec"))
    rows = pa.table({"id": [1, 2], "ra": [10.0, 10.1], "dec": [5.0, 5.1]})
    install(rows, entry, tmp_path / "there")
    table = tmp_path / "there" / "them" / "v1" / "them"
    (shard,) = table.glob("dataset/Norder=*/Dir=*/*.parquet")
    curve = pa.array([[{"t": 1.5, "name": "a"}, {"t": 2.5, "name": "b"}], None])
    whole = pq.ParquetFile(shard).read()
    whole = whole.append_column("lc", curve).append_column("lc_name", pa.array(["x", "y"]))
    pq.write_table(whole.append_column("spectrum", pa.array([[1.0, None], []], pa.list_(pa.float32()))), shard)
    for name in ("_metadata", "_common_metadata"):
        (table / "dataset" / name).unlink()
    heard: list[tuple[str, ...]] = []
    adopt(table, Wishes(name="sky"), tmp_path / "here", in_place=True, told=heard.append)
    assert heard == [("lc[].name",)]
    with closing(Engine(CatalogRegistry(tmp_path / "here"), QueryLimits(), tmp_path / "spill")) as engine:
        found = engine.run("SELECT id, lc_t, lc_name, spectrum FROM sky ORDER BY id", 10).table.to_pylist()
    assert found == [
        {"id": 1, "lc_t": [1.5, 2.5], "lc_name": "x", "spectrum": [1.0, None]},
        {"id": 2, "lc_t": None, "lc_name": "y", "spectrum": []},
    ]
