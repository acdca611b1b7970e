"""One-time links: one use, one holder, a time limit, and nothing on disk that signs anyone in."""

from __future__ import annotations

import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.auth import links


def test_a_link_works_once(tmp_path: Path) -> None:
    token = links.issue(tmp_path, "tycho")
    assert links.holder(tmp_path, token) == links.holder(tmp_path, token) == "tycho"
    assert links.consume(tmp_path, token) == "tycho"
    assert links.consume(tmp_path, token) is links.holder(tmp_path, token) is None


def test_of_many_processes_one_gets_the_user(tmp_path: Path) -> None:
    tokens = [links.issue(tmp_path, f"user{number}") for number in range(20)]
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        for number, token in enumerate(tokens):
            users = list(pool.map(links.consume, [tmp_path] * 4, [token] * 4))
            assert sorted(map(str, users)) == ["None", "None", "None", f"user{number}"]


def test_a_link_past_its_time_signs_nobody_in_and_is_removed(tmp_path: Path) -> None:
    late = links.issue(tmp_path, "tycho", seconds=-1)
    assert links.holder(tmp_path, late) is None
    assert links.consume(tmp_path, late) is None
    links.issue(tmp_path, "tycho", seconds=-1)
    token = links.issue(tmp_path, "kepler")
    assert len(list((tmp_path / "hub" / "links").iterdir())) == 1
    assert links.consume(tmp_path, token) == "kepler"


def test_what_is_on_disk_signs_nobody_in_and_is_the_owners_alone(tmp_path: Path) -> None:
    token = links.issue(tmp_path, "tycho")
    folder = tmp_path / "hub" / "links"
    (file,) = folder.iterdir()
    assert token not in file.name and token not in file.read_text()
    assert links.consume(tmp_path, file.name) is None
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)


def test_a_file_that_was_cut_short_signs_nobody_in(tmp_path: Path) -> None:
    token = links.issue(tmp_path, "tycho")
    (file,) = (tmp_path / "hub" / "links").iterdir()
    file.write_text("")
    assert links.consume(tmp_path, token) is None
    assert links.issue(tmp_path, "tycho")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@given(token=st.text())
def test_a_made_up_token_signs_nobody_in(home: Path, token: str) -> None:
    assert links.holder(home, token) is links.consume(home, token) is None


@given(user=st.text(min_size=1).filter(lambda name: "\r" not in name))
def test_any_name_comes_back_as_it_was(home: Path, user: str) -> None:
    try:
        user.encode()
    except UnicodeEncodeError:
        return
    assert links.consume(home, links.issue(home, user)) == user
