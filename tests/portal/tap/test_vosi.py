"""Foreign keys from rows to those that they belong to, for those who may see both."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from uraniborg_portal.catalogs.models import Catalog, Column, Director, Position
from uraniborg_portal.engine import tap_schema
from uraniborg_portal.tap import vosi


def catalog(name: str, columns: tuple[str, ...], of: Director | None = None) -> Catalog:
    return Catalog(
        name=name, title=name, description="", columns=tuple(Column(name=each, datatype="long") for each in columns),
        position=Position(ra="ra", dec="dec"), rows=1, rows_without_position=0, licence="", citation="", of=of,
    )  # fmt: skip


OBJECTS = catalog("objects", ("id", "ra", "dec"))
SOURCES = catalog(
    "sources", ("objectId", "size"),
    Director(catalog="objects", identifier="id", column="objectId", version=1, stamp="x"),
)  # fmt: skip


def keys(document: bytes) -> list[tuple[str, ...]]:
    found = ET.fromstring(document).iter("foreignKey")
    return [tuple(each.text or "" for each in key.iter() if not len(each)) for key in found]


def test_foreign_keys_lead_to_the_director() -> None:
    key = ("objects", "objectId", "id")
    assert keys(vosi.one_table([OBJECTS, SOURCES], "sources")) == [key]
    assert keys(vosi.one_table([OBJECTS, SOURCES], "objects")) == []
    assert key in keys(vosi.tableset([OBJECTS, SOURCES], "max"))
    assert keys(vosi.tableset([OBJECTS, SOURCES], "min")) == []
    (row,) = (row for row in tap_schema.key_rows([OBJECTS, SOURCES]) if row["from_table"] == "sources")
    assert row["target_table"] == "objects"


def test_who_may_not_see_the_director_sees_no_key() -> None:
    assert keys(vosi.one_table([SOURCES], "sources")) == []
    assert all(row["target_table"] != "objects" for row in tap_schema.key_rows([SOURCES]))
    assert all(row["from_column"] != "objectId" for row in tap_schema.key_column_rows([SOURCES]))
