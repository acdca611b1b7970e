"""Events of a job: in order, replayed, and pushed as they come, whoever wrote them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from uraniborg_portal.database import open_database
from uraniborg_portal.instruments.event_log import EventLog
from uraniborg_portal.instruments.job_models import Job, Outcome
from uraniborg_portal.instruments.queue import JobQueue, topic_of
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.settings import JobLimits, Settings
from uraniborg_portal.wakeups import Wakeups

WAITING = Job(id="1", owner="tycho", instrument="sundial", parameters={}, key="k", created=1.0)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[sa.Engine]:
    """A database with the newest schema."""
    settings = Settings(home=tmp_path)
    settings.state.mkdir(parents=True)
    engine = open_database(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def running(rows: sa.Engine) -> Job:
    """A job that runs."""
    queue = JobQueue(rows, JobLimits())
    queue.submit(WAITING)
    job = queue.claim("me")
    assert job is not None
    return job


async def listed(log: EventLog, job: Job, after: int = 0) -> list[tuple[int, str]]:
    """Everything that a reader gets."""
    return [(event.number, event.kind) async for event in log.follow(job, after)]


@pytest.mark.parametrize("woken", [True, False])
async def test_a_reader_gets_what_was_and_what_comes(rows: sa.Engine, running: Job, *, woken: bool) -> None:
    wakeups, queue = Wakeups(), JobQueue(rows, JobLimits())
    reader = asyncio.create_task(listed(EventLog(Store(rows), wakeups), running))
    await asyncio.sleep(0)
    queue.say(running, [("log", {"line": "one\nwith a break"}), ("progress", {"fraction": 0.5})])
    queue.end(running, Outcome(state="done"), [("log", {"line": "two"})])
    if woken:
        wakeups.ring(topic_of(running.id))
    kinds = ["state", "state", "log", "progress", "log", "state"]
    assert await asyncio.wait_for(reader, 10) == list(enumerate(kinds, start=1))


@pytest.mark.parametrize("after", range(6))
async def test_a_reader_that_comes_back_gets_the_rest(rows: sa.Engine, running: Job, after: int) -> None:
    queue = JobQueue(rows, JobLimits())
    queue.say(running, [("log", {"line": "x"}), ("log", {"line": "y"})])
    ended = queue.end(running, Outcome(state="failed"), [])
    assert ended is not None
    numbers = [number for number, _ in await listed(EventLog(Store(rows), Wakeups()), ended, after)]
    assert numbers == list(range(min(after, 4) + 1, 6))


async def test_of_a_job_without_events_the_end_is_told(rows: sa.Engine) -> None:
    old = replace(WAITING, state="done", product="p")
    assert await listed(EventLog(Store(rows), Wakeups()), old) == [(1, "state")]
