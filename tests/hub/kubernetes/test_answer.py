"""Waiting for a server's answer: at once when it comes; a refusal is a lab that starts, silence one out of reach."""

from __future__ import annotations

import asyncio

import pytest

from uraniborg_hub.kubernetes.answer import Heard, NoAnswer, answers, missed_since
from uraniborg_hub.laptop.ports import free_ports


async def serve(port: int, *lines: bytes) -> asyncio.Server:
    """A server that answers with these lines, one a request; the last one from then on."""
    left = list(lines)

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write((left.pop(0) if len(left) > 1 else left[0]) + b"\r\n\r\n")
        writer.close()

    return await asyncio.start_server(reply, "127.0.0.1", port)


async def test_a_late_server_is_heard_within_a_tenth_of_a_second() -> None:
    (port,), loop = free_ports(1), asyncio.get_running_loop()
    waiting = asyncio.create_task(answers("127.0.0.1", port, "/user/tycho/api", 0.01))
    await asyncio.wait([waiting], timeout=0.2)
    assert not waiting.done()
    async with await serve(port, b"HTTP/1.1 200 OK"):
        began = loop.time()
        await asyncio.wait_for(waiting, 5)
        assert loop.time() - began < 0.15


@pytest.mark.parametrize("first", [b"HTTP/1.1 503 Service Unavailable", b"220 smtp", b""])
async def test_what_is_no_answer_is_asked_again(first: bytes) -> None:
    async with await serve(0, first, b"HTTP/1.1 403 Forbidden") as server:
        await asyncio.wait_for(answers("127.0.0.1", server.sockets[0].getsockname()[1], "/", 5), 5)


async def test_a_server_that_gives_no_answer_of_a_lab_is_given_up() -> None:
    async with await serve(0, b"220 smtp") as server:
        with pytest.raises(NoAnswer):
            await asyncio.wait_for(answers("127.0.0.1", server.sockets[0].getsockname()[1], "/", 0.2), 5)


async def test_an_address_without_a_route_is_given_up() -> None:
    with pytest.raises(NoAnswer):
        await asyncio.wait_for(answers("255.255.255.255", 8888, "/", 0.2), 10)


REFUSAL, NOTHING = Heard.REFUSAL, Heard.NOTHING


@pytest.mark.parametrize(
    ("heard", "since"),
    [
        ([], None),
        ([(0, REFUSAL), (50, REFUSAL), (100, REFUSAL)], None),
        ([(0, NOTHING)], 0),
        ([(0, NOTHING), (2, NOTHING), (4, NOTHING)], 0),
        ([(0, REFUSAL), (90, NOTHING), (92, NOTHING)], 90),
        ([(0, NOTHING), (30, REFUSAL)], None),
        ([(0, NOTHING), (30, REFUSAL), (40, NOTHING)], 40),
        ([(0, NOTHING), (30, Heard.ANSWER)], None),
    ],
)
def test_a_server_is_missed_only_while_its_address_does_not_refuse(
    heard: list[tuple[float, Heard]], since: float | None
) -> None:
    missed = None
    for asked, each in heard:
        missed = missed_since(each, asked, missed)
    assert missed == since
