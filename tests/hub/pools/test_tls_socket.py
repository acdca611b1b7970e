"""A TLS connection that breaks is not told of to another one of the same thread."""

from __future__ import annotations

import socket
import ssl
import struct
from pathlib import Path

import pytest
from distributed.security import Security

from uraniborg_hub.pools.tls_socket import TlsSocket

ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER of a peer that dies: its end is a reset."""


@pytest.fixture
def contexts(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's, as a pool has them."""
    pem = Security.temporary()
    certificate = tmp_path / "pool.pem"
    certificate.write_text(pem.tls_client_cert + pem.tls_client_key)
    made = []
    for protocol in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS_CLIENT):
        context = ssl.SSLContext(protocol)
        context.check_hostname = False
        context.load_verify_locations(cadata=pem.tls_ca_file)
        context.load_cert_chain(certificate)
        made.append(context)
    return made[0], made[1]


def connect(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> tuple[ssl.SSLSocket, ssl.SSLSocket]:
    """Give both ends of a connection over loopback; neither waits."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
    ends = []
    for plain, context, side in ((server, contexts[0], True), (client, contexts[1], False)):
        plain.setblocking(False)
        ends.append(context.wrap_socket(plain, server_side=side, do_handshake_on_connect=False))
    waiting = set(ends)
    while waiting:
        for end in tuple(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue
    return ends[0], ends[1]


def write_until_broken(end: ssl.SSLSocket) -> None:
    """Write as a server does that has not seen yet that its peer is gone; the first write may tell of its reset."""
    told = 0
    while told < 2:
        try:
            end.send(b"x" * 1000)
        except ssl.SSLWantWriteError:
            continue
        except OSError:
            told += 1


def test_a_broken_connection_breaks_no_other(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    broken, peer = connect(contexts)
    healthy, other = connect(contexts)
    assert isinstance(healthy, TlsSocket)
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    peer.close()
    write_until_broken(broken)
    with pytest.raises(ssl.SSLWantReadError):
        healthy.recv_into(bytearray(10))
    other.send(b"still here")
    buffer = bytearray(10)
    assert healthy.recv_into(buffer) == 10 and buffer == b"still here"
    for end in (broken, healthy, other):
        end.close()
