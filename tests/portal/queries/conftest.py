"""A kept result of the whole Hipparcos sample, and the sample's description."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.models import Catalog, Column
from uraniborg_portal.context import ProcessContext
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.queries.describe import description
from uraniborg_portal.resolver.sample_files import sample

HOSTILE = pa.table(
    {
        "number": pa.array([3, None, 2**60, -(2**60)], pa.int64()),
        "value": pa.array([1.5, float("nan"), float("inf"), None], pa.float64()),
        "single": pa.array([0.1, None, float("-inf"), 9.1], pa.float32()),
        "text": pa.array(["b", None, "<script>", "a"], pa.string()),
        "flag": pa.array([True, None, False, True], pa.bool_()),
    }
)
DATATYPES = {"int64": "long", "double": "double", "float": "float", "string": "char", "bool": "boolean"}


def context_of(portal: TestClient) -> ProcessContext:
    """What the portal's requests share."""
    app = portal.app
    assert isinstance(app, FastAPI)
    context: ProcessContext = app.state.context
    return context


@pytest.fixture(scope="session")
def hipparcos(portal: TestClient) -> Catalog:
    """The catalog as it is installed."""
    return context_of(portal).catalogs.get("hipparcos")


@pytest.fixture(scope="session")
def openngc(portal: TestClient) -> Catalog:
    """The catalog as it is installed."""
    return context_of(portal).catalogs.get("openngc")


def keep(portal: TestClient, table: pa.Table, columns: tuple[Column, ...], epoch: float | None) -> str:
    """Keep a table as an anonymous result and give its id."""
    result = QueryResult(table=table, columns=columns, overflow=False, adql="SELECT ...", epoch=epoch)
    stored = context_of(portal).results.store.save(result, lambda: description(result, 100_000, 0.1), None)
    return stored.id


@pytest.fixture(scope="session")
def stars(portal: TestClient, hipparcos: Catalog) -> str:
    """The id of a kept result of 100,000 stars."""
    table = pq.read_table(sample("hipparcos.parquet")).slice(0, 100_000)
    return keep(portal, table, hipparcos.columns, 1991.25)


@pytest.fixture(scope="session")
def odd(portal: TestClient) -> str:
    """The id of a kept result with every value that JSON can't hold."""
    columns = tuple(Column(name=field.name, datatype=DATATYPES[str(field.type)]) for field in HOSTILE.schema)
    return keep(portal, HOSTILE, columns, None)
