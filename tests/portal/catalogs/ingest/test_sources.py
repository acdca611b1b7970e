"""Files are found by name, by pattern, over HTTP and on S3; what is fetched is fetched once."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.ingest import sources
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.errors import BadParameter, Unavailable


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, and logs nothing."""

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f"id,ra,dec\n{number},{number},{number}\n")
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_names_and_patterns(folder: Path) -> None:
    found = sources.find([str(folder / "2.csv"), str(folder / "[01].csv")])
    assert [Path(each.name).name for each in found] == ["2.csv", "0.csv", "1.csv"]
    assert all(each.size == 16 and not each.remote for each in found)
    before = found[0]
    (folder / "2.csv").write_text("id,ra,dec\n22,2,2\n")
    assert sources.look(before.name) != before


@pytest.mark.parametrize("word", ["{0}/nothing.csv", "{0}/x*.csv", "nowhere://x/y.csv"])
def test_what_is_not_there_is_a_sentence(folder: Path, word: str) -> None:
    with pytest.raises(BadParameter):
        sources.find([word.format(folder)])


def test_over_http(site: str, tmp_path: Path) -> None:
    catalog = add((f"{site}/0.csv", f"{site}/1.csv"), Wishes(name="sky"), tmp_path / "catalogs")
    assert catalog.rows == 2
    with pytest.raises(BadParameter, match="is not there"):
        add((f"{site}/9.csv",), Wishes(name="other"), tmp_path / "catalogs")


def test_a_host_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises((BadParameter, Unavailable)):
        sources.find(["http://127.0.0.1:9/0.csv"])


def test_on_s3(folder: Path, s3: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = s3.bucket("skies")
    for name, value in {
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_ACCESS_KEY_ID": "tycho",
        "AWS_SECRET_ACCESS_KEY": "brahe",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    files, there = fsspec.core.url_to_fs(url)
    for path in folder.glob("?.csv"):
        files.put(str(path), f"{there}/{path.name}")
    assert add((f"{url}/*.csv",), Wishes(name="sky"), tmp_path / "catalogs").rows == 3


def test_what_is_fetched_is_fetched_once(site: str, folder: Path, tmp_path: Path) -> None:
    task = sources.Task(origin=sources.look(f"{site}/0.csv"), path=tmp_path / "copy")
    assert sources.fetch(task) == 16
    (folder / "0.csv").unlink()
    assert sources.fetch(task) == 16
