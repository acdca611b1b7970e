"""Clients that go away, at any moment, are no fault of the portal: nothing runs on for them, nothing is in its log."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import httpx
import psutil
import pytest
from served import Served, serving

MANY = "SELECT a.hip, a.ra, b.dec FROM hipparcos AS a CROSS JOIN hipparcos AS b"
SLOW = "SELECT COUNT(*) AS n FROM hipparcos AS a CROSS JOIN hipparcos AS b WHERE a.ra + b.dec < SIN(a.dec * b.ra)"
FEW = "SELECT a.hip FROM hipparcos AS a CROSS JOIN hipparcos AS b WHERE a.ra + b.dec < SIN(a.dec * b.ra) - 89"
"""Rows come now and then."""
COUNT = {"QUERY": "SELECT COUNT(*) AS n FROM hipparcos", "FORMAT": "csv"}
RESET = struct.pack("ii", 1, 0)
LINGER = (socket.SOL_SOCKET, socket.SO_LINGER, RESET)
"""A socket that is closed with these says so at once, in the middle of whatever it was to say."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A portal with one place for queries, which must be free again after each client."""
    limits = {"MAXIMUM_ROWS": "1000000000000", "RESULT_MEGABYTES": "20", "WORKERS": "1", "SECONDS": "600"}
    environment = {f"URANIBORG_QUERIES__{name}": value for name, value in limits.items()}
    with serving(tmp_path_factory.mktemp("home"), environment) as served:
        yield served


@pytest.fixture
def quiet(served: Served) -> Iterator[None]:
    """Asserts that the portal still answers, with its only place, and that its log has no traceback."""
    before = len(served.log)
    yield
    with served.client() as client:
        assert client.get("tap/sync", params=COUNT).text == '"n"\n117955\n'
    said = served.log[before:]
    assert "Traceback" not in said and "unexpected exception" not in said, said


def said_and_gone(served: Served, path: str, head: str, body: bytes) -> None:
    """Send a request whose end never comes, and go away."""
    url = urlsplit(served.url)
    with socket.create_connection((str(url.hostname), url.port or 0), timeout=30) as connection:
        connection.setsockopt(*LINGER)
        connection.sendall(f"POST {url.path}{path} HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode() + body)
        with served.client() as other:
            assert other.get("api/health").status_code == 200


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("path", ["tap/sync", "tap/async", "api/queries", "api/tables?name=x.csv", "api/adql/check"])
@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json", "text/csv"],
)
def test_a_client_that_goes_away_in_the_middle_of_its_request(served: Served, path: str, kind: str) -> None:
    said_and_gone(served, path, f"Content-Type: {kind}\r\nContent-Length: 100000", b'--b\r\nQUERY={"adql": "SELECT')


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("format", ["votable", "csv", "fits"])
def test_a_client_that_goes_away_in_the_middle_of_its_answer(served: Served, format: str) -> None:
    url = urlsplit(served.url)
    asked = f"{url.path}tap/sync?QUERY={quote(MANY)}&MAXREC=300000&FORMAT={format}"
    with socket.create_connection((str(url.hostname), url.port or 0), timeout=60) as connection:
        connection.setsockopt(*LINGER)
        connection.sendall(f"GET {asked} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("format", ["csv", "json", "parquet"])
def test_an_answer_that_is_cut_off_is_a_line_in_the_log(served: Served, format: str) -> None:
    before = len(served.log)
    with served.client() as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("tap/sync", params={"QUERY": MANY, "MAXREC": "100000000", "FORMAT": format})
    assert "GET /services/portal/tap/sync ended early: The result is larger than 20 MB" in served.log[before:]


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(
    ("method", "path", "how"),
    [
        ("GET", "tap/sync", {"params": {"QUERY": SLOW}}),
        ("POST", "tap/sync", {"data": {"QUERY": SLOW}}),
        ("POST", "api/queries", {"json": {"adql": SLOW}}),
        ("POST", "api/queries", {"json": {"adql": FEW}}),
    ],
)
def test_a_query_ends_with_its_client(served: Served, method: str, path: str, how: dict[str, object]) -> None:
    with served.client(timeout=httpx.Timeout(60, read=3)) as client, pytest.raises(httpx.ReadTimeout):
        client.request(method, path, **how)
    assert psutil.wait_procs(served.busy(), timeout=20)[1] == []
    while list((served.state / "results").glob("*")):
        assert served.workers() == []


@pytest.mark.usefixtures("quiet")
def test_what_asks_for_headers_alone_runs_no_query(served: Served) -> None:
    before = {each.pid: each.cpu_times().user for each in served.workers()}
    with served.client() as client:
        answer = client.head("tap/sync", params={"QUERY": SLOW, "FORMAT": "csv"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        assert "content-length" not in answer.headers
        assert client.head("tap/sync", params={"QUERY": ""}).status_code == 400
        cone = client.head("scs/hipparcos", params={"RA": "0", "DEC": "0", "SR": "180"})
        assert cone.status_code == 200
        assert cone.headers["content-type"].startswith("application/x-votable+xml")
        assert client.head("scs/hipparcos", params={"RA": "x"}).status_code == 400
    assert {each.pid: each.cpu_times().user for each in served.workers()} == before
