"""One key for every spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.resolver.designation import key, spaced


@pytest.mark.parametrize(
    ("spellings", "expected"),
    [
        (("M42", "m 42", "M 042", "Messier 42", "messier042", "M_42"), "m42"),
        (("NGC 224", "ngc224", "NGC0224", "ngc-224"), "ngc224"),
        (("IC 434", "ic0434"), "ic434"),
        (("HIP 87937", "hip87937", "Hipparcos 87937"), "hip87937"),
        (("Barnard's Star", "barnards star", "Barnard\u2019s-star"), "barnardsstar"),
        (("Barnard 33", "B033"), "b33"),
        (("2MASX J00424433+4116074",), "2masxj424433+4116074"),
        (("MCG +07-02-016", "mcg +7-2-16"), "mcg7-2-16"),
        (("Lacaille Ænigma", "lacaille nigma"), "lacaillenigma"),
    ],
)
def test_spellings_have_one_key(spellings: tuple[str, ...], expected: str) -> None:
    assert {key(spelling) for spelling in spellings} == {expected}


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    assert key(key(text)).isascii()


@pytest.mark.parametrize(
    ("name", "shown"), [("NGC0224", "NGC 224"), ("M040", "M40"), ("Mel022", "Mel 22"), ("ESO056-115", "ESO 56-115")]
)
def test_names_are_shown_as_people_read_them(name: str, shown: str) -> None:
    assert spaced(name) == shown
