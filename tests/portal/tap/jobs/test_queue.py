"""Changes of asynchronous queries: of two who want the same one succeeds, on SQLite and on PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from uraniborg_portal.database import check_state, open_database
from uraniborg_portal.errors import TooMany
from uraniborg_portal.settings import AsyncLimits, Settings
from uraniborg_portal.tap.jobs.models import Kept, Outcome, Phase, TapJob
from uraniborg_portal.tap.jobs.queue import TapQueue
from uraniborg_portal.tap.jobs.store import TapJobStore, Wanted
from uraniborg_portal.tap.jobs.tables import TAP_JOBS

if TYPE_CHECKING:
    from conftest import PostgreSQL

LIMITS = AsyncLimits(per_user=3, kept_per_user=5, taken_up=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TapQueue]:
    """An empty queue on each database."""
    url = None
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.database(f"t{uuid.uuid4().hex}")
    settings = Settings(home=tmp_path, database=url)
    check_state(settings)
    engine = open_database(settings)
    yield TapQueue(engine, LIMITS)
    engine.dispose()


def job(identifier: int, owner: str | None = "tycho", phase: Phase = "QUEUED") -> TapJob:
    """A new job."""
    return TapJob(
        id=str(identifier), owner=owner, phase=phase, parameters=(("QUERY", "é"),), created=identifier,
        destruction=9e9, seconds=60,
    )  # fmt: skip


def claimed(queue: TapQueue, runner: str = "me") -> TapJob:
    """The next job."""
    found = queue.claim(runner)
    assert found is not None
    return found


def expire(queue: TapQueue) -> None:
    """Let every lease run out."""
    with queue.database.begin() as connection:
        connection.execute(TAP_JOBS.update().where(TAP_JOBS.c.phase == "EXECUTING").values(lease=0.0))


def test_what_is_written_is_read(queue: TapQueue) -> None:
    store = TapJobStore(queue.database)
    for number in range(3):
        queue.create(job(number, phase="PENDING"))
    assert store.get("1") == job(1, phase="PENDING")
    assert [each.id for each in store.of_owner("tycho", Wanted(after=0))] == ["1", "2"]
    assert [each.id for each in store.of_owner("tycho", Wanted(last=1, phases=("PENDING", "ERROR")))] == ["2"]
    assert store.expired(9e9 - 1) == [] and len(store.expired(9e9)) == 3
    queue.remove(["0", "1"])
    assert store.known() == {"2"}


def test_limits_count_each_owner_s_and_nobody_s_together(queue: TapQueue) -> None:
    for number in range(3):
        queue.create(job(number))
        queue.create(job(10 + number, owner=None))
    for owner in ("tycho", None):
        with pytest.raises(TooMany, match="accepted: 3"):
            queue.create(job(20, owner))
    queue.create(job(30, phase="PENDING"))
    with pytest.raises(TooMany, match="accepted: 3"):
        queue.run(job(30, phase="PENDING"))
    queue.create(job(31, phase="PENDING"))
    with pytest.raises(TooMany, match="accepted: 5"):
        queue.create(job(32, phase="PENDING"))
    queue.create(job(33, "sophie"))


def test_who_has_the_fewest_running_goes_first_then_who_waits_longest(queue: TapQueue) -> None:
    for number, owner in enumerate(["tycho", "tycho", "sophie", None, None]):
        queue.create(job(number, owner))
    assert [claimed(queue).id for _ in range(5)] == ["0", "2", "3", "1", "4"]
    assert queue.claim("me") is None


def test_who_lost_a_query_changes_it_no_more(queue: TapQueue) -> None:
    queue.create(job(1))
    mine = claimed(queue)
    assert (mine.phase, mine.attempt, mine.started is not None) == ("EXECUTING", 1, True)
    assert queue.leases.renew("me") == {("1", 1)}
    assert queue.abandoned() == [] and queue.take_over(mine) is None
    expire(queue)
    assert [each.id for each in queue.abandoned()] == ["1"]
    taken = queue.take_over(mine)
    assert taken is not None and (taken.phase, taken.lost, taken.started) == ("QUEUED", 1, None)
    assert queue.take_over(mine) is None
    again = claimed(queue, "other")
    kept = Kept(media_type="text/csv", extension=".csv", bytes=5_000_000_000, rows=7, overflow=True)
    assert queue.end(mine, Outcome(phase="COMPLETED", kept=kept)) is None
    ended = queue.end(again, Outcome(phase="COMPLETED", kept=kept))
    assert ended is not None and (ended.phase, ended.bytes, ended.overflow) == ("COMPLETED", 5_000_000_000, True)
    assert TapJobStore(queue.database).bytes_of("tycho") == 5_000_000_000
    assert TapJobStore(queue.database).bytes_of(None) == 0


def test_a_query_that_is_lost_too_often_has_failed_with_the_reason(queue: TapQueue) -> None:
    queue.create(job(1))
    for _ in range(2):
        mine = claimed(queue)
        expire(queue)
        taken = queue.take_over(mine)
    assert taken is not None
    assert (taken.phase, taken.message) == ("ERROR", "The portal's replica that ran this query was lost 2 times.")


def test_an_aborted_query_stays_aborted(queue: TapQueue) -> None:
    queue.create(job(0, phase="PENDING"))
    for number in (1, 2):
        queue.create(job(number))
    running = claimed(queue)
    for number in range(3):
        aborted = queue.abort(str(number))
        assert aborted is not None and (aborted.phase, aborted.ended is not None) == ("ABORTED", True)
        assert queue.abort(str(number)) is None
    assert queue.leases.renew("me") == set()
    assert queue.end(running, Outcome(phase="COMPLETED")) is None
    assert queue.run(job(0)) is None
    assert queue.alter("0", {"seconds": 1.0}, frozenset({"PENDING"})) is None
