"""The portal's files, on this machine and on S3: whole or not there, found by all, and refused in words."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.settings import Settings
from uraniborg_portal.storage import PIECE, Storage, open_storage

if TYPE_CHECKING:
    from conftest import S3


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty store of each kind."""
    if request.param == "local":
        return Storage(str(tmp_path / "files"))
    server: S3 = request.getfixturevalue("s3")
    return Storage(server.bucket(f"b{secrets.token_hex(8)}"), server.options())


def kept(storage: Storage, path: str, **files: bytes) -> None:
    """Keep a folder with these files."""
    with storage.incoming(path.split("/", maxsplit=1)[0]) as incoming:
        written = incoming / "whole"
        (written / "files").mkdir(parents=True)
        for name, content in files.items():
            (written / name).write_bytes(content)
        (written / "files" / "one.txt").write_bytes(b"one")
        storage.put_folder(written, path, last="about")


def test_a_folder_is_kept_whole(storage: Storage) -> None:
    assert not storage.exists("products/a/about")
    kept(storage, "products/a", about=b"{}", view=b"[]")
    assert (storage.read("products/a/about"), storage.read("products/a/files/one.txt")) == (b"{}", b"one")
    assert set(storage.entries("products")) == {"a"}
    assert abs(storage.entries("products")["a"] - time.time()) < 60
    storage.remove("products/a")
    storage.remove("products/a")
    assert storage.entries("products") == {}
    with pytest.raises(FileNotFoundError):
        storage.read("products/a/about")


def test_what_describes_a_folder_comes_last(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    if storage.folder:
        pytest.skip("a rename has no order")
    put, order = storage.files.put_file, []

    def noted(local: str, remote: str) -> None:
        order.append(remote.rsplit("/", 1)[1])
        put(local, remote)

    monkeypatch.setattr(storage.files, "put_file", noted)
    kept(storage, "products/b", about=b"{}", a=b"", z=b"")
    assert sorted(order[:-1]) == ["a", "one.txt", "z"]
    assert order[-1] == "about"


def test_a_file_is_read_in_pieces(storage: Storage) -> None:
    content = bytes(range(256)) * (PIECE // 200)
    kept(storage, "products/c", about=content)
    assert storage.size("products/c/about") == len(content)
    assert b"".join(storage.pieces("products/c/about", 3, len(content) - 5)) == content[3:-5]
    assert b"".join(storage.pieces("products/c/about", 7, 7)) == b""


def test_a_single_file_replaces_the_one_before(storage: Storage) -> None:
    kept(storage, "results/d", about=b"")
    for content in (b"1", b"2"):
        storage.put_bytes(content, "results/d/x.rows")
    assert storage.read("results/d/x.rows") == b"2"
    assert set(storage.entries("results/d")) == {"about", "files", "x.rows"}


def test_a_store_that_is_gone_is_said(tmp_path: Path, s3: S3) -> None:
    options = {**s3.options(), "endpoint_url": "http://127.0.0.1:9"}
    gone = Storage("s3://bucket/portal", options)
    with pytest.raises(Unavailable, match="can't be read"):
        gone.read("results/a/about")
    with pytest.raises(Unavailable, match="can't be kept"):
        kept(gone, "results/a", about=b"")
    no_bucket = Storage("s3://no-such-bucket/portal", s3.options())
    with pytest.raises(Unavailable, match="can't be kept"):
        kept(no_bucket, "results/a", about=b"")
    with pytest.raises(Unavailable, match="bucket does not exist"):
        no_bucket.read("results/a/about")


def test_the_settings_say_where(tmp_path: Path, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_storage(Settings(home=tmp_path)).local("products/a") == tmp_path / "portal" / "products" / "a"
    assert open_storage(Settings(home=tmp_path, files=f"file://{tmp_path}/f")).local("a") == tmp_path / "f" / "a"
    monkeypatch.setenv("URANIBORG_FILES", s3.bucket("named-by-variables"))
    monkeypatch.setenv("URANIBORG_FILES_OPTIONS", f'{{"endpoint_url": "{s3.url}"}}')
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tycho")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "brahe")
    storage = open_storage(Settings(home=tmp_path))
    kept(storage, "results/a", about=b"x")
    assert (storage.local("results/a"), storage.read("results/a/about")) == (None, b"x")
