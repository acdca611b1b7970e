"""Data files come from the samples, the mirror, the cache, the network: in this order, whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from uraniborg_portal.errors import NotFound, Unavailable
from uraniborg_portal.registry import registry as module
from uraniborg_portal.registry.entries import DataFile
from uraniborg_portal.registry.registry import DataRegistry
from uraniborg_portal.samples import manifest

SAMPLE = "gw/strain/H-H1_LOSC_4_V2-1126259446-32.hdf5"
NAME = "gw/skymaps/gwtc/GW170814.fits"
CONTENT = b"a sky map"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A server that gives `CONTENT` under the file's name, as a mirror does."""
    folder = tmp_path / "served"
    (folder / NAME).parent.mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT)
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format: str, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> DataFile:
    """An entry for `CONTENT`, so that tests move bytes and not megabytes."""
    import hashlib

    entry = DataFile(
        name=NAME,
        size=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        url="",
        title="",
        licence="",
        citation="",
    )
    monkeypatch.setattr(module, "entries", lambda: {NAME: entry})
    return entry


def test_samples_need_neither_mirror_nor_network(tmp_path: Path) -> None:
    path = DataRegistry(tmp_path, network=False).path(SAMPLE)
    assert path.is_relative_to(manifest.FOLDER)
    assert DataRegistry(tmp_path).path("GW150914.fits").name == "GW150914.fits"


def test_without_mirror_and_network_it_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="the network setting is off") as caught:
        DataRegistry(tmp_path, network=False).path(NAME)
    assert "URANIBORG_DATA_MIRROR" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_unknown_names_get_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        DataRegistry(tmp_path).path("gw/skymaps/gwtc/GW170815.fits")
    assert NAME in caught.value.suggestions


def test_a_mirror_folder_is_used_in_place(tmp_path: Path, small: DataFile) -> None:
    path = tmp_path / "mirror" / NAME
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert DataRegistry(tmp_path / "cache", str(tmp_path / "mirror")).path(NAME) == path


def test_a_damaged_file_in_mirror_or_cache_is_not_used(tmp_path: Path, small: DataFile) -> None:
    for folder in ("mirror", "cache"):
        path = tmp_path / folder / NAME
        path.parent.mkdir(parents=True)
        path.write_bytes(b"a sky mop")
    registry = DataRegistry(tmp_path / "cache", str(tmp_path / "mirror"), network=False)
    assert registry.here(NAME) is None
    with pytest.raises(Unavailable):
        registry.path(NAME)


def test_a_mirror_url_fills_the_cache_once(tmp_path: Path, served: str, small: DataFile) -> None:
    registry = DataRegistry(tmp_path / "cache", served + "/", network=False)
    path = registry.path(NAME)
    assert path == tmp_path / "cache" / NAME
    assert path.read_bytes() == CONTENT
    shutil.rmtree(tmp_path / "served")
    assert registry.path(NAME) == path


def test_what_a_server_gives_wrong_is_not_kept(tmp_path: Path, served: str, small: DataFile) -> None:
    (tmp_path / "served" / NAME).write_bytes(b"something else")
    with pytest.raises(Unavailable, match="another SHA-256"):
        DataRegistry(tmp_path / "cache", served).path(NAME)
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_server_that_has_it_not_is_named(tmp_path: Path, served: str, small: DataFile) -> None:
    (tmp_path / "served" / NAME).unlink()
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 answers 404"):
        DataRegistry(tmp_path / "cache", served).path(NAME)


def test_a_server_that_is_not_there_is_named(tmp_path: Path, small: DataFile) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 can't be reached"):
        DataRegistry(tmp_path / "cache", "http://127.0.0.1:9").path(NAME)
