"""Jobs end, whatever an instrument does, and equal requests share a product."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from uraniborg_portal.instruments.jobs import Jobs
from uraniborg_portal.instruments.tables import JOBS
from uraniborg_portal.instruments.workers import Workers

if TYPE_CHECKING:
    from conftest import Portal


@pytest.fixture
def alone(open_portal: Callable[..., TestClient], tmp_path: Path) -> Callable[..., TestClient]:
    """A portal of the test's own, on one state folder however often it is opened."""
    return lambda **limits: open_portal(tmp_path, **limits)


def jobs_of(client: TestClient) -> Jobs:
    """The jobs of the portal behind a client."""
    app: Any = client.app
    held: Jobs = app.state.context.jobs
    return held


def processes_of(client: TestClient) -> Workers:
    """The worker processes of the portal behind a client."""
    compute = jobs_of(client).compute
    assert isinstance(compute, Workers)
    return compute


def test_what_is_printed_is_the_log_and_the_product_has_it(observatory: Portal) -> None:
    job = observatory.finish("sundial", hour=1)
    product = observatory.get(f"products/{job['product']}").json()
    assert "printed by the instrument\nprinted by a program below it" in product["log"]
    assert product["facts"][0] == {"name": "hour", "title": "Hour", "value": 1.0, "unit": "h", "text": ""}
    assert observatory.get(f"products/{job['product']}/files/hour.txt").text == "1.0"


def test_an_equal_request_is_answered_at_once(observatory: Portal) -> None:
    first = observatory.finish("sundial", hour=2)
    again = observatory.start("sundial", user="sophie", hour="2")
    assert (again["state"], again["product"]) == ("done", first["product"])
    assert observatory.get("products", user="sophie").json()[0]["id"] == first["product"]
    shutil.rmtree(observatory.home / "portal" / "products" / first["product"])
    assert observatory.get(f"products/{first['product']}").status_code == 404
    assert observatory.finish("sundial", hour=2)["state"] == "done"


FAILURES = [
    ("refuses", "The sun does not shine.", "Wait for the day."),
    ("raises", "ZeroDivisionError: hour angle", "The log has the details."),
    ("dies", "The process that ran the job ended by signal SIGABRT.", "The end of its log: "),
]


@pytest.mark.parametrize(("mood", "message", "remedy"), FAILURES)
def test_a_failure_has_words(observatory: Portal, mood: str, message: str, remedy: str) -> None:
    job = observatory.finish("sundial", mood=mood)
    assert job["state"] == "failed"
    assert message in job["message"]
    assert remedy in job["remedy"]
    assert job["product"] is None
    log = [data["line"] for _, kind, data in observatory.events(job["id"]) if kind == "log"]
    assert "printed by the instrument" in log
    assert mood != "raises" or any("Traceback" in line for line in log)
    assert observatory.finish("sundial", hour=3)["state"] == "done"


def test_cancel_ends_the_process_within_a_second(alone: Callable[..., TestClient], observatory: Portal) -> None:
    others = set(children_of(os.getpid()))
    with alone() as client:
        portal = observatory.other(client)
        job = portal.start("sundial", mood="hangs")
        while not any(event.data.get("text") == "Half" for event in jobs_of(client).store.events(job["id"], 0)):
            portal.get(f"jobs/{job['id']}")
        children = set(children_of(os.getpid())) - others
        assert children
        begun = time.monotonic()
        ended = portal.post(f"jobs/{job['id']}/cancel").json()
        assert time.monotonic() - begun < 1
        assert ended["state"] == "cancelled"
        assert not children & set(children_of(os.getpid()))
        assert portal.events(job["id"])[-1][2]["state"] == "cancelled"
        assert portal.post(f"jobs/{job['id']}/cancel").status_code == 409


def children_of(parent: int) -> list[int]:
    """The worker processes of a process."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (folder / "stat").exists():
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            command = (folder / "cmdline").read_bytes()
            if int(fields[1]) == parent and fields[0] != "Z" and b"instruments.worker" in command:
                found.append(int(folder.name))
    return found


def test_the_time_limit_answers(alone: Callable[..., TestClient], observatory: Portal) -> None:
    with alone(seconds=0.2) as client:
        job = observatory.other(client).finish("sundial", mood="hangs")
    assert job["state"] == "failed"
    assert job["message"] == "The job took longer than 0.2 s, the limit."


def test_more_jobs_than_the_limit_are_refused_and_the_same_one_is_not(
    alone: Callable[..., TestClient], observatory: Portal
) -> None:
    with alone(workers=1, per_user=2) as client:
        portal = observatory.other(client)
        first = portal.start("sundial", mood="hangs", hour=1)
        waiting = portal.start("sundial", mood="hangs", hour=2)
        assert portal.start("sundial", mood="hangs", hour=1)["id"] == first["id"]
        refused = portal.post("instruments/sundial/jobs", {"mood": "hangs", "hour": 3})
        assert (refused.status_code, refused.json()["error"]) == (429, "too_many")
        assert portal.start("sundial", user="sophie", mood="hangs", hour=3)["state"] == "queued"
        assert portal.post(f"jobs/{waiting['id']}/cancel").json()["state"] == "cancelled"


def test_a_job_of_a_stopped_portal_is_taken_up_at_the_next_start(
    alone: Callable[..., TestClient], observatory: Portal
) -> None:
    with alone() as client:
        portal = observatory.other(client)
        job = portal.start("sundial", mood="slow", hour=4)
        while portal.get(f"jobs/{job['id']}").json()["state"] == "queued":
            continue
    with alone() as client:
        portal = observatory.other(client)
        events = portal.events(job["id"])
        assert portal.get(f"jobs/{job['id']}").json()["state"] == "done"
    states = [(data["state"], data["message"]) for _, kind, data in events if kind == "state"]
    handed_over = ("queued", "The portal is restarted; the job is taken up again.")
    assert states == [("queued", ""), ("running", ""), handed_over, ("running", ""), ("done", "")]


def test_a_job_of_a_killed_portal_is_taken_up(alone: Callable[..., TestClient], observatory: Portal) -> None:
    with alone(lease_seconds=1) as client:
        portal = observatory.other(client)
        job = portal.start("sundial", mood="slow", hour=5)
        while portal.get(f"jobs/{job['id']}").json()["state"] == "queued":
            continue
        with jobs_of(client).queue.database.begin() as rows:
            rows.execute(JOBS.update().values(runner="a portal that was killed", lease=0.0))
        events = portal.events(job["id"])
        assert portal.get(f"jobs/{job['id']}").json()["state"] == "done"
    lost = "The portal's replica that ran this job was lost; the job is taken up again."
    assert ("state", lost) in [(kind, data.get("message")) for _, kind, data in events]


def test_workers_without_work_end(alone: Callable[..., TestClient], observatory: Portal) -> None:
    with alone(idle_seconds=0.1) as client:
        portal = observatory.other(client)
        before = set(children_of(os.getpid()))
        portal.finish("sundial", hour=6)
        while set(children_of(os.getpid())) - before:
            portal.get("jobs")
        assert portal.finish("sundial", hour=7)["state"] == "done"


def test_a_worker_that_was_killed_while_it_waited_is_replaced(observatory: Portal) -> None:
    observatory.finish("sundial", hour=8)
    for child in children_of(os.getpid()):
        os.kill(child, signal.SIGKILL)
    idle = processes_of(observatory.client).idle
    while any(worker.process.returncode is None for worker in idle):
        observatory.get("jobs")
    assert observatory.finish("sundial", hour=9)["state"] == "done"


def test_a_folder_that_cannot_be_written_is_a_sentence(alone: Callable[..., TestClient], observatory: Portal) -> None:
    with alone() as client:
        portal, folder = observatory.other(client), jobs_of(client).work.staging
        folder.rmdir() if folder.exists() else None
        folder.write_text("a file where the folder should be")
        refused = portal.post("instruments/sundial/jobs", {})
        assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")
        assert "disk is full" in refused.json()["message"]
        assert portal.get("jobs").json() == []
        folder.unlink()
        assert portal.finish("sundial", hour=20)["state"] == "done"
