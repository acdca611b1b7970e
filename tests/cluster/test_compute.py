"""Instrument jobs on the workers that the broker keeps for the portal: they end, whatever pod is taken away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
from deployed import faults
from deployed.waiting import until
from deployed.work import ended, start_job

if TYPE_CHECKING:
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SECONDS = 300


@pytest.fixture(scope="module")
def user(platform: Platform) -> Person:
    """A user without a lab."""
    return platform.sign_in("sophie")


def worker_of(user: Person, job: str) -> str:
    """Wait until a worker has taken a job, and give its name: that of its Deployment."""
    url = f"{user.url}services/portal/api/jobs/{job}/events"
    with httpx.stream("GET", url, headers=user.headers, timeout=SECONDS, trust_env=False) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:") and '"line"' in line:
                said = str(json.loads(line.removeprefix("data:"))["line"])
                if said.startswith("Worker "):
                    return said.removeprefix("Worker ")
    raise AssertionError(f"no worker took {job}")


def log(user: Person, product: str) -> str:
    """The log of a product."""
    return str(user.ask("GET", f"services/portal/api/products/{product}").json()["log"])


def test_a_job_runs_on_a_worker_pod_of_the_portals_image(platform: Platform, user: Person) -> None:
    job = start_job(user, 31)
    worker = worker_of(user, job)
    [pod] = [each for each in platform.job_pods("worker") if each["metadata"]["name"].startswith(f"{worker}-")]
    image = pod["spec"]["containers"][0]["image"]
    assert image.endswith(f"{platform.images['portal'].name}@{platform.images['portal'].digest}")
    assert pod["spec"]["automountServiceAccountToken"] is False
    done = ended(user, job)
    assert done["state"] == "done", done
    assert f"Worker {worker}" in log(user, done["product"])


def test_a_worker_holds_no_credential_but_its_own_certificate(platform: Platform) -> None:
    [pod, *_] = platform.job_pods("worker")
    where = pod["metadata"]
    told = platform.cluster.execute(where["namespace"], where["name"], "env").stdout
    assert "TOKEN" not in told and "postgresql" not in told and "SECRET" not in told
    mounted = platform.cluster.execute(where["namespace"], where["name"], "ls", "/etc/uraniborg/pool").stdout.split()
    assert sorted(mounted) == ["ca.crt", "tls.crt", "tls.key"]


def test_only_the_portal_is_told_where_the_workers_are(user: Person) -> None:
    assert user.ask("GET", "services/pools/api/compute").status_code == 403


def test_a_job_outlives_its_worker(platform: Platform, user: Person) -> None:
    job = start_job(user, 32)
    worker = worker_of(user, job)
    [pod] = [each for each in platform.job_pods("worker") if each["metadata"]["name"].startswith(f"{worker}-")]
    faults.kill(platform.cluster, pod)
    done = ended(user, job)
    assert done["state"] == "done", done


def test_a_job_whose_scheduler_is_lost_ends_and_the_next_one_runs(platform: Platform, user: Person) -> None:
    job = start_job(user, 33)
    worker_of(user, job)
    [before] = platform.job_pods("scheduler")
    faults.kill(platform.cluster, before)
    first = ended(user, job)
    assert first["state"] == "done" or (first["state"] == "failed" and "scheduler" in first["message"]), first
    second = ended(user, start_job(user, 34))
    assert second["state"] == "done", second
    until(lambda: len(platform.job_pods("scheduler")) == 1, SECONDS, "A scheduler comes")
    [after] = platform.job_pods("scheduler")
    assert after["metadata"]["uid"] != before["metadata"]["uid"]


def test_workers_come_and_go_between_their_bounds(platform: Platform, user: Person) -> None:
    jobs = [start_job(user, low) for low in (35, 36, 37)]
    assert all(ended(user, job)["state"] == "done" for job in jobs)
    until(lambda: len(platform.job_pods("worker")) == 1, SECONDS, "One worker is left")
