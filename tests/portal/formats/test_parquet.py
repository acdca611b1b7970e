"""Parquet files carry their VOTable description."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
from astropy.io.votable import parse

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.formats import parquet


def test_voparquet_metadata_describe_the_columns() -> None:
    column = Column(name="ra", datatype="double", unit="deg", ucd="pos.eq.ra;meta.main", description="here")
    answer = QueryResult(table=pa.table({"ra": [1.0]}), columns=(column,), overflow=False, adql="", epoch=2016.0)
    schema = pq.read_schema(io.BytesIO(b"".join(parquet.write(answer))))
    assert schema.metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    table = parse(io.BytesIO(schema.metadata[b"IVOA.VOTable-Parquet.content"])).get_first_table()
    assert (str(table.fields[0].unit), table.fields[0].ucd) == ("deg", "pos.eq.ra;meta.main")
    assert schema.field("ra").metadata[b"unit"] == b"deg"


def test_texts_and_short_integers_are_written_once_and_measured_values_as_they_are() -> None:
    rows = 1_000
    table = pa.table(
        {
            "id": range(rows), "mag": [number / 7 for number in range(rows)], "band": ["g", "r"] * (rows // 2),
            "visits": pa.array([number % 9 for number in range(rows)], pa.int16()),
        }
    )  # fmt: skip
    datatypes = {"id": "long", "mag": "double", "band": "char", "visits": "short"}
    columns = tuple(
        Column(name=name, datatype=kind, arraysize="*" if kind == "char" else None) for name, kind in datatypes.items()
    )
    content = b"".join(parquet.write(QueryResult(table=table, columns=columns, overflow=False, adql="")))
    group = pq.read_metadata(io.BytesIO(content)).row_group(0)
    once = {group.column(at).path_in_schema: group.column(at).has_dictionary_page for at in range(len(columns))}
    assert once == {"id": False, "mag": False, "band": True, "visits": True}
    assert pq.read_table(io.BytesIO(content)).to_pydict() == table.to_pydict()
