"""Downloads are whole or absent, and nothing of the user's is overwritten."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from uraniborg import UraniborgError
from uraniborg._downloads import save

DATA = b"strain"
GOOD = hashlib.sha256(DATA).hexdigest()


def test_saved_and_saved_again(tmp_path: Path) -> None:
    path = save(tmp_path / "a.fits", DATA, GOOD)
    assert save(path, DATA, GOOD).read_bytes() == DATA
    assert [found.name for found in tmp_path.iterdir()] == ["a.fits"]


def test_damaged_download_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UraniborgError, match="damaged"):
        save(tmp_path / "a.fits", DATA + b"x", GOOD)
    assert not list(tmp_path.iterdir())


def test_other_content_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.fits").write_text("mine")
    with pytest.raises(UraniborgError, match="not overwritten"):
        save(tmp_path / "a.fits", DATA, GOOD)
    assert (tmp_path / "a.fits").read_text() == "mine"
