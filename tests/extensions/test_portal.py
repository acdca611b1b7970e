"""Addresses that people type, and answers of the portal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from uraniborg import UraniborgError, _portal
from uraniborg._portal import Portal, base_of, segment


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("https://astro.example.org", "https://astro.example.org/services/portal/"),
        ("astro.example.org", "https://astro.example.org/services/portal/"),
        ("https://astro.example.org/hub/home", "https://astro.example.org/services/portal/"),
        ("https://example.org/astro/services/portal/catalogs/x", "https://example.org/astro/services/portal/"),
        ("http://127.0.0.1:8000/services/portal", "http://127.0.0.1:8000/services/portal/"),
        ("http://127.0.0.1:8000/services/portal/", "http://127.0.0.1:8000/services/portal/"),
    ],
)
def test_base_of_an_address(typed: str, base: str) -> None:
    assert base_of(typed) == base


@pytest.mark.parametrize("typed", ["", "ftp://example.org", "https://", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UraniborgError, match="not the address of a platform"):
        base_of(typed)


def test_nobody_there_is_a_sentence_with_a_remedy() -> None:
    with pytest.raises(UraniborgError, match="No portal answers") as raised:
        Portal("http://127.0.0.1:9/").get("api/me")
    assert "uraniborg up" in raised.value.remedy


def test_token_is_never_shown() -> None:
    assert "s3cret" not in repr(Portal("http://127.0.0.1:9/", "s3cret"))


@pytest.mark.parametrize(("name", "path"), [("a/../b", "a%2F..%2Fb"), ("x?y#z", "x%3Fy%23z"), ("gw", "gw")])
def test_a_name_is_one_piece_of_a_path(name: str, path: str) -> None:
    assert segment(name) == path


def test_refusal_of_the_portal_has_its_words(portal: Portal) -> None:
    with pytest.raises(UraniborgError) as raised:
        portal.get("api/catalogs/no_such_catalog")
    assert raised.value.code == "not_found"
    assert "no_such_catalog" in raised.value.message


class Breaking(BaseHTTPRequestHandler):
    """Ends a connection after one event, then refuses one, then goes on after the event that the client names."""

    def do_GET(self) -> None:
        """Answer one connection."""
        asked: list[str] = self.server.asked
        asked.append(self.headers.get("Last-Event-ID", ""))
        self.send_response(503 if len(asked) == 2 else 200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if len(asked) != 2:
            state = "done" if len(asked) == 3 else "running"
            self.wfile.write(f'id: {len(asked)}\nevent: state\ndata: {{"state": "{state}"}}\n\n'.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


class Silent(Breaking):
    """Says nothing more after one event and keeps the connection, as a proxy does whose server was killed."""

    def do_GET(self) -> None:
        """Answer one connection."""
        super().do_GET()
        if len(self.server.asked) == 1:
            self.wfile.flush()
            self.server.over.wait(30)


class Server(ThreadingHTTPServer):
    """What remembers the events that its clients named."""

    asked: list[str]
    over: threading.Event


@pytest.fixture
def breaking(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server that breaks off, or falls silent."""
    server = Server(("127.0.0.1", 0), request.param)
    server.asked, server.over = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("breaking", [Breaking, Silent], indirect=True)
def test_events_go_on_where_a_connection_broke_off_or_fell_silent(
    breaking: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_portal, "QUIET_SECONDS", 0.5)
    portal = Portal(f"http://127.0.0.1:{breaking.server_port}/", None)
    assert [event.data["state"] for event in portal.events("api/jobs/1/events")] == ["running", "done"]
    assert breaking.asked == ["", "1", "1"]
