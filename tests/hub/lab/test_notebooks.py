"""Start notebooks: fresh copies follow our versions, a changed one is the user's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.lab.notebooks import SHIPPED, copy, plan, source


@pytest.mark.parametrize(
    ("theirs", "shipped", "written"),
    [
        ({}, {}, True),  # first start
        ({}, {"a": "1"}, True),  # the user removed it: a fresh copy
        ({"a": "2"}, {"a": "2"}, False),  # the newest already
        ({"a": "1"}, {"a": "1"}, True),  # an earlier version, untouched
        ({"a": "x"}, {"a": "1"}, False),  # changed by the user
        ({"a": "x"}, {}, False),  # not ours
        ({"a": "x"}, {"a": "2"}, False),  # changed, and the newest was shipped
    ],
)
def test_plan(theirs: dict[str, str], shipped: dict[str, str], written: bool) -> None:
    assert (plan({"a": "2"}, theirs, shipped).write == ("a",)) is written


@given(*[st.dictionaries(st.sampled_from("abc"), st.sampled_from("123"))] * 3)
def test_what_the_user_changed_is_never_written(
    ours: dict[str, str], theirs: dict[str, str], shipped: dict[str, str]
) -> None:
    copies = plan(ours, theirs, shipped)
    assert set(copies.write) | set(copies.keep) == set(ours)
    assert all(name not in theirs or theirs[name] == shipped.get(name) for name in copies.write)


def test_copies_follow_versions_and_keep_changes(tmp_path: Path) -> None:
    origin, target = tmp_path / "ours", tmp_path / "lab" / "start"
    (origin / "data").mkdir(parents=True)
    (origin / ".ipynb_checkpoints").mkdir()
    for name in ("stars.ipynb", "waves.ipynb", "data/m45.csv", ".ipynb_checkpoints/stars.ipynb"):
        (origin / name).write_text("one")
    assert len(copy(origin, target).write) == 3
    (target / "waves.ipynb").write_text("mine")
    (origin / "stars.ipynb").write_text("two")
    (origin / "waves.ipynb").write_text("two")
    assert copy(origin, target).write == ("stars.ipynb",)
    assert [(target / f"{name}.ipynb").read_text() for name in ("stars", "waves")] == ["two", "mine"]
    assert copy(origin, target).write == ()
    (target / SHIPPED).write_text("{cut sho")
    (origin / "stars.ipynb").write_text("three")
    assert copy(origin, target).write == ()


def test_the_checkout_or_the_wheel_has_them() -> None:
    assert source().parts[-2:] == ("notebooks", "start")
