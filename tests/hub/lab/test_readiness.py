"""Waiting for a lab ends when it answers, or when it is gone."""

from __future__ import annotations

import asyncio
import time

from uraniborg_hub.lab.readiness import answers
from uraniborg_hub.laptop.ports import free_ports


async def test_the_answer_of_a_late_server_comes_at_once() -> None:
    (port,), asked = free_ports(1), asyncio.get_running_loop().create_future()

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set_result(await reader.readline())
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    waiting = asyncio.create_task(answers(port, "/user/tycho/api", lambda: True))
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    assert not done
    began = time.monotonic()
    async with await asyncio.start_server(reply, "127.0.0.1", port):
        assert await waiting
    assert time.monotonic() - began < 0.5
    assert await asked == b"GET /user/tycho/api HTTP/1.1\r\n"


async def test_a_process_that_ended_is_not_waited_for() -> None:
    lives = iter([True, True, False])
    assert not await answers(*free_ports(1), "/", lambda: next(lives))


async def test_something_else_at_the_port_is_no_answer() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp\r\n")
        writer.close()

    lives = iter([True, False])
    async with await asyncio.start_server(rude, "127.0.0.1", 0) as server:
        assert not await answers(server.sockets[0].getsockname()[1], "/", lambda: next(lives))
