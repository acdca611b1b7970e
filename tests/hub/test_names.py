"""Folders of users: apart from each other, and inside of `labs`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub import names


@pytest.mark.parametrize("user", ["tycho", "t.brahe", "tycho@hven.dk", "kepler-2", "a_b"])
def test_a_plain_name_is_its_own_folder(user: str) -> None:
    assert names.folder(user) == user


@pytest.mark.parametrize(
    "user", ["", ".", "..", "../kepler", "a/b", ".ssh", "Tycho", "x--abc", "ü", "a" * 64, "a b", "\0"]
)
def test_other_names_are_made_safe(user: str) -> None:
    assert "--" in names.folder(user)


@given(st.text(), st.text())
def test_two_users_never_share_a_folder_and_none_leaves_labs(one: str, other: str) -> None:
    home = Path("/state")
    for user in (one, other):
        assert names.lab(home, user).parent == home / "labs" and names.folder(user).isascii()
    assert (names.folder(one) == names.folder(other)) is (one == other)
