"""Changes of jobs: of two who want the same one succeeds, on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from uraniborg_portal.database import check_state, open_database
from uraniborg_portal.errors import TooMany
from uraniborg_portal.instruments.job_models import Job, Outcome, StoredProduct
from uraniborg_portal.instruments.queue import JobQueue
from uraniborg_portal.instruments.store import Store
from uraniborg_portal.instruments.tables import JOBS
from uraniborg_portal.settings import JobLimits, Settings

if TYPE_CHECKING:
    from conftest import PostgreSQL

LIMITS = JobLimits(per_user=3, taken_up=2)


@pytest.fixture(params=["sqlite", "postgresql"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobQueue]:
    """An empty queue on each database."""
    url = None
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.database(f"q{uuid.uuid4().hex}")
    settings = Settings(home=tmp_path, database=url)
    check_state(settings)
    engine = open_database(settings)
    yield JobQueue(engine, LIMITS)
    engine.dispose()


def job(identifier: str, owner: str = "tycho", key: str = "") -> Job:
    """A new job."""
    made = {"instrument": "sundial", "parameters": {}, "key": key or identifier}
    return Job(id=identifier, owner=owner, created=float(identifier), **made)


def claimed(queue: JobQueue, runner: str = "me") -> Job:
    """The next job."""
    found = queue.claim(runner)
    assert found is not None
    return found


def expire(queue: JobQueue) -> None:
    """Let every lease run out."""
    with queue.database.begin() as connection:
        connection.execute(JOBS.update().where(JOBS.c.state == "running").values(lease=0.0))


def test_the_same_one_is_given_again_and_the_limit_counts_rows(queue: JobQueue) -> None:
    for number in range(1, 4):
        queue.submit(job(str(number)))
    assert queue.submit(job("9", key="1")).id == "1"
    with pytest.raises(TooMany, match="You have 3 jobs"):
        queue.submit(job("4"))
    assert queue.submit(job("5", owner="sophie")).state == "queued"
    assert queue.submit(replace(job("6"), state="done", product="p", ended=1.0)).state == "done"


def test_who_has_the_fewest_running_goes_first_then_who_waits_longest(queue: JobQueue) -> None:
    for number, owner in ((1, "tycho"), (2, "tycho"), (3, "tycho"), (4, "sophie")):
        queue.submit(job(str(number), owner))
    assert [claimed(queue).id for _ in range(4)] == ["1", "4", "2", "3"]
    assert queue.claim("me") is None


def test_a_key_is_made_by_one_run_at_a_time(queue: JobQueue) -> None:
    queue.submit(job("1", "tycho", "k"))
    queue.submit(job("2", "sophie", "k"))
    first = claimed(queue)
    assert queue.claim("other") is None
    product = StoredProduct(id="p", key="k", instrument="sundial", title="t", created=1.0)
    assert queue.end(first, Outcome(state="done", product=product), []) is not None
    again = claimed(queue, "other")
    ended = queue.end(again, Outcome(state="done", product=replace(product, id="q")), [])
    assert ended is not None
    assert ended.product == "p"


def test_who_lost_a_job_changes_it_no_more(queue: JobQueue) -> None:
    queue.submit(job("1"))
    mine = claimed(queue)
    assert queue.leases.renew("me") == {("1", 1)}
    assert queue.abandoned() == []
    assert queue.take_over(mine) is None
    expire(queue)
    assert [each.id for each in queue.abandoned()] == ["1"]
    assert queue.take_over(mine) is not None
    assert queue.take_over(mine) is None
    again = claimed(queue)
    assert again.attempt == 2
    assert not queue.say(mine, [("log", {"line": "late"})])
    assert queue.end(mine, Outcome(state="done"), []) is None
    assert queue.say(again, [("log", {"line": "x"})])


def test_a_job_is_taken_up_twice_then_failed_with_the_reason(queue: JobQueue) -> None:
    queue.submit(job("1"))
    found = []
    for _ in range(3):
        mine = claimed(queue)
        expire(queue)
        taken = queue.take_over(mine)
        assert taken is not None
        found.append(taken)
    assert [each.state for each in found] == ["queued", "queued", "failed"]
    assert found[-1].message == "The portal's replica that ran this job was lost 3 times."
    assert found[-1].ended is not None


@pytest.mark.parametrize("runs", [True, False])
def test_everybody_may_cancel_a_job_once(queue: JobQueue, *, runs: bool) -> None:
    queue.submit(job("1"))
    mine = claimed(queue) if runs else None
    ended = queue.cancel("1")
    assert ended is not None
    assert ended.state == "cancelled"
    assert queue.cancel("1") is None
    assert queue.claim("me") is None
    assert queue.leases.renew("me") == set()
    assert mine is None or queue.end(mine, Outcome(state="done"), []) is None


def test_what_jobs_said_is_removed_long_after_their_end(queue: JobQueue) -> None:
    store = Store(queue.database)
    for number in ("1", "2"):
        queue.submit(job(number))
        queue.cancel(number)
    with queue.database.begin() as connection:
        connection.execute(JOBS.update().where(JOBS.c.id == "1").values(ended=1.0))
    queue.clean()
    assert (len(store.events("1", 0)), len(store.events("2", 0))) == (0, 2)
