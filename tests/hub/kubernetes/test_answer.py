"""Waiting for a server's answer: at once when it comes, and errors of its own are none."""

from __future__ import annotations

import asyncio
import socket

import pytest

from uraniborg_hub.kubernetes.answer import answers


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def serve(port: int, *lines: bytes) -> asyncio.Server:
    """A server that answers with these lines, one a request; the last one from then on."""
    left = list(lines)

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write((left.pop(0) if len(left) > 1 else left[0]) + b"\r\n\r\n")
        writer.close()

    return await asyncio.start_server(reply, "127.0.0.1", port)


async def test_a_late_server_is_heard_within_a_tenth_of_a_second() -> None:
    port, loop = free_port(), asyncio.get_running_loop()
    waiting = asyncio.create_task(answers("127.0.0.1", port, "/user/tycho/api"))
    await asyncio.wait([waiting], timeout=0.2)
    assert not waiting.done()
    async with await serve(port, b"HTTP/1.1 200 OK"):
        began = loop.time()
        await asyncio.wait_for(waiting, 5)
        assert loop.time() - began < 0.15


@pytest.mark.parametrize("first", [b"HTTP/1.1 503 Service Unavailable", b"220 smtp", b""])
async def test_what_is_no_answer_is_asked_again(first: bytes) -> None:
    async with await serve(free_port(), first, b"HTTP/1.1 403 Forbidden") as server:
        await asyncio.wait_for(answers("127.0.0.1", server.sockets[0].getsockname()[1], "/"), 5)
