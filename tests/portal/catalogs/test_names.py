"""Names of catalogs need no quotes in ADQL."""

from __future__ import annotations

import pytest

from uraniborg_portal.adql import words
from uraniborg_portal.catalogs import names
from uraniborg_portal.errors import BadParameter


@pytest.mark.parametrize("name", ["gaia", "my_stars", "a", "dr3_2022", "x" * 63])
def test_plain_names_are_accepted(name: str) -> None:
    assert names.check(name) == name


@pytest.mark.parametrize(
    "name", ["", "Gaia", "2mass", "_x", "a-b", "a b", "a.b", "../x", "é", "x" * 64, 'a"', "a;drop"]
)
def test_other_characters_are_refused(name: str) -> None:
    with pytest.raises(BadParameter, match="lower case") as caught:
        names.check(name)
    assert caught.value.field == "name"


@pytest.mark.parametrize("name", ["select", "table", "circle", "top", "tap_schema", "tap_upload", "columns"])
def test_names_with_a_meaning_are_refused(name: str) -> None:
    with pytest.raises(BadParameter, match=r"reserved word|TAP"):
        names.check(name)


@pytest.mark.parametrize("name", ["applied", "identifiers", "rejected"])
def test_names_of_our_own_files_are_refused(name: str) -> None:
    with pytest.raises(BadParameter, match="keeps a file"):
        names.check(name)


def test_a_near_name_is_offered() -> None:
    with pytest.raises(BadParameter) as caught:
        names.check("Gaia DR3")
    assert caught.value.remedy == "For example: gaia_dr3"


def test_every_word_that_the_parser_reserves_is_refused() -> None:
    assert {word.lower() for word in words.RESERVED} <= names.RESERVED
