"""Events of a job: in order, replayed, and pushed as they come."""

from __future__ import annotations

import asyncio
from pathlib import Path

from uraniborg_portal.instruments.event_log import LINES, EventLog


async def listed(log: EventLog, after: int = 0) -> list[tuple[int, str]]:
    """Everything that a reader gets."""
    return [(event.number, event.kind) async for event in log.follow(after)]


async def test_a_reader_gets_what_was_and_what_comes(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "job" / "events.jsonl")
    log.add("state", {"state": "queued"})
    reader = asyncio.create_task(listed(log))
    await asyncio.sleep(0)
    log.add("log", {"line": "one\nwith a break"})
    log.add("state", {"state": "done"})
    assert await asyncio.wait_for(reader, 5) == [(1, "state"), (2, "log"), (3, "state")]
    assert log.lines() == ["one\nwith a break"]


async def test_a_reader_that_comes_back_gets_the_rest_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    for kind, data in (("state", {"state": "queued"}), ("log", {"line": "x"}), ("state", {"state": "failed"})):
        log.add(kind, data)
    assert await listed(EventLog(path), after=1) == [(2, "log"), (3, "state")]
    assert EventLog(path).count == 3


async def test_a_reader_elsewhere_sees_what_another_process_writes(tmp_path: Path) -> None:
    writer, other = EventLog(tmp_path / "events.jsonl"), EventLog(tmp_path / "events.jsonl")
    reader = asyncio.create_task(listed(other))
    await asyncio.sleep(0)
    writer.add("state", {"state": "cancelled"})
    assert await asyncio.wait_for(reader, 5) == [(1, "state")]


def test_a_job_that_talks_without_end_still_ends(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    for number in range(LINES + 10):
        log.add("log", {"line": str(number)})
    log.add("state", {"state": "done"})
    assert log.count == LINES + 1
    assert log.read(LINES)[0].last
