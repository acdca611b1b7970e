"""What documents say of tables: datatypes of VOTable and TAP, and words of any size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.errors import BadParameter, TooLarge
from uraniborg_portal.user_tables.definition import LONGEST, definition_of

TYPES = {
    "double": "double", "FLOAT": "float", "unsignedByte": "short", "SMALLINT": "short", "BIGINT": "long",
    "DOUBLE": "double", "REAL": "float", "boolean": "boolean", "unicodeChar": "unicodeChar", "VARCHAR": "char",
    "TIMESTAMP": "char",
}  # fmt: skip


def column(inside: str) -> Column:
    """The only column of a document."""
    (found,) = definition_of(f"<table><column>{inside}</column></table>".encode()).columns
    return found


@pytest.mark.parametrize(("word", "datatype"), TYPES.items())
def test_datatypes_of_votable_and_of_tap_are_known(word: str, datatype: str) -> None:
    found = column(f"<name>a</name><dataType>{word}</dataType>")
    assert (found.datatype, found.arraysize) == (datatype, "*" if "har" in datatype else None)
    assert found.xtype == ("timestamp" if word == "TIMESTAMP" else None)


def test_what_is_said_of_a_column_is_kept() -> None:
    found = column(
        '<name>"B-V"</name><description>colour\n index</description><unit>mag</unit><ucd>phot.color</ucd>'
        '<dataType extendedType="x">char</dataType><flag>principal</flag>'
    )
    assert (found.name, found.description, found.unit, found.ucd) == ("B-V", "colour index", "mag", "phot.color")
    assert (found.xtype, found.principal) == ("x", True)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_is_sent_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(BadParameter):
        definition_of(content)


def test_a_document_that_grows_is_refused() -> None:
    names = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)]
    bomb = f'<!DOCTYPE t [<!ENTITY e0 "lol">{"".join(names)}]><table><column><name>&e11;</name></column></table>'
    with pytest.raises(BadParameter):
        definition_of(bomb.encode())


def test_a_document_longer_than_any_table_needs_is_not_read() -> None:
    with pytest.raises(TooLarge, match="accepted: 2 MB"):
        definition_of(b"<table>" + b"<a/>" * (LONGEST // 4) + b"</table>")
