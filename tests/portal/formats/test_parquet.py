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
