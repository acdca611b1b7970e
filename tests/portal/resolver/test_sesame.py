"""CDS Sesame: its documents, and a service that fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from uraniborg_portal.errors import Unavailable
from uraniborg_portal.resolver.sesame import Sesame, parse

M42 = b"""<?xml version="1.0" encoding="UTF-8"?>
<Sesame xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://cds.unistra.fr/xml/sesame_4x.xsd">
<Target option="SNV">
  <name>barnards star</name>
  <Resolver name="S=Simbad (CDS, via client/server)">
    <otype>BY*</otype><jpos>17:57:48.49 +04:41:36.1</jpos>
    <jradeg>269.45207896</jradeg><jdedeg>4.69336497</jdedeg>
    <pm><v>10393.3</v><pa>356</pa><pmRA>-801.551</pmRA><pmDE>10362.394</pmDE></pm>
    <oname>NAME  Barnard's star</oname>
  </Resolver>
</Target></Sesame>"""
NOTHING = b"""<?xml version="1.0"?>
<Sesame><Target option="SNV"><name>xyz</name><INFO>*** Nothing found ***</INFO></Target></Sesame>"""
BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Sesame>&b;</Sesame>"""


@contextmanager
def service(status: int, document: bytes) -> Iterator[tuple[str, list[str]]]:
    """A service on this machine that always gives this answer, and the paths it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(document)

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/nph-sesame", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_answer_says_its_database() -> None:
    with service(200, M42) as (url, asked):
        sesame = Sesame(url, httpx.Client(trust_env=False))
        found = sesame.resolve("barnards star/?&x")
        assert sesame.resolve("barnards star/?&x") is found
    assert found is not None
    assert (found.name, found.source) == ("NAME Barnard's star", "CDS Sesame (Simbad)")
    assert (found.ra, found.dec, found.pmra, found.pmdec) == (269.45207896, 4.69336497, -801.551, 10362.394)
    assert asked == ["/nph-sesame/-oxp/SNV?barnards%20star%2F%3F%26x"]


def test_nothing_found_is_none() -> None:
    assert parse(NOTHING) is None


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (200, BOMB),
        (200, b"<html>"),
        (200, b""),
        (500, M42),
        (200, M42.replace(b"269.45207896", b"east")),
        (200, b"<Sesame>" + b" " * 300_000 + b"</Sesame>"),
    ],
)
def test_what_is_no_answer_is_said_once_and_then_left_alone(status: int, document: bytes) -> None:
    with service(status, document) as (url, asked):
        sesame = Sesame(url, httpx.Client(trust_env=False))
        for _ in range(3):
            with pytest.raises(Unavailable, match="Sesame does not answer"):
                sesame.resolve("m42")
    assert len(asked) == 1


def test_nobody_there(tmp_path: Path) -> None:
    sesame = Sesame("http://127.0.0.1:9/nph-sesame", httpx.Client(trust_env=False, timeout=2))
    with pytest.raises(Unavailable):
        sesame.resolve("m42")
