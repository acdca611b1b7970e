"""Files of products from S3 over HTTP: whole, in part, and refused as files on this machine are."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI, Request, Response
from starlette.testclient import TestClient

from uraniborg_portal import render
from uraniborg_portal.downloads import download_of
from uraniborg_portal.instruments.products import Products, removed
from uraniborg_portal.storage import Storage

if TYPE_CHECKING:
    from conftest import S3

DOCUMENT = {"id": "p", "files": [{"name": "a b.txt", "media_type": "text/plain"}]}


@pytest.fixture(params=["local", "s3"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestClient]:
    """Answers with the one file of a product, from each kind of store."""
    if request.param == "local":
        storage = Storage(str(tmp_path / "store"))
    else:
        server: S3 = request.getfixturevalue("s3")
        storage = Storage(server.bucket(f"b{secrets.token_hex(8)}"), server.options())
    products = Products(storage)
    written = tmp_path / "written"
    (written / "files").mkdir(parents=True)
    (written / "view.json").write_text("{}")
    (written / "files" / "a b.txt").write_text("0123456789")
    products.publish(written, DOCUMENT)
    app = FastAPI()
    render.install(app)
    app.state.prefix = "/"

    @app.get("/api/{name}")
    def file(request: Request, name: str) -> Response:
        return download_of(request, storage, products.file("p", name), removed())

    with TestClient(app) as client:
        yield client
    assert products.has("p")


def test_a_file_is_given_whole_to_be_saved_and_kept(client: TestClient) -> None:
    answer = client.get("/api/a b.txt")
    assert (answer.status_code, answer.text, answer.headers["content-length"]) == (200, "0123456789", "10")
    assert answer.headers["content-disposition"] == "attachment; filename*=utf-8''a%20b.txt"
    assert answer.headers["accept-ranges"] == "bytes"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("wanted", "status", "text", "said"),
    [
        ("bytes=2-4", 206, "234", "bytes 2-4/10"),
        ("bytes=-3", 206, "789", "bytes 7-9/10"),
        ("bytes=8-", 206, "89", "bytes 8-9/10"),
        ("bytes=10-", 416, "", "bytes */10"),
    ],
)
def test_a_range_is_given(client: TestClient, wanted: str, status: int, text: str, said: str) -> None:
    answer = client.get("/api/a b.txt", headers={"range": wanted})
    assert (answer.status_code, answer.text if status == 206 else "") == (status, text)
    assert answer.headers["content-range"].removeprefix("bytes ").lstrip("*/") in said


def test_a_range_of_another_version_is_not_given(client: TestClient) -> None:
    tag = client.get("/api/a b.txt").headers["etag"]
    again = client.get("/api/a b.txt", headers={"range": "bytes=0-0", "if-range": tag})
    other = client.get("/api/a b.txt", headers={"range": "bytes=0-0", "if-range": '"other"'})
    assert (again.status_code, other.status_code, other.text) == (206, 200, "0123456789")


def test_a_file_that_is_not_there_is_said(client: TestClient) -> None:
    answer = client.get("/api/other.txt")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
