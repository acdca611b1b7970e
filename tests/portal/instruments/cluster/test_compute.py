"""Tasks on a real scheduler and real workers over TLS: they end, whatever is lost."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from starlette.testclient import TestClient

from uraniborg_portal.cluster.broker import Broker as BrokerClient
from uraniborg_portal.cluster.standing import StandingCluster
from uraniborg_portal.errors import BadParameter
from uraniborg_portal.identity.dependencies import optional_user
from uraniborg_portal.identity.models import HubService, User
from uraniborg_portal.instruments.cluster.compute import ClusterCompute
from uraniborg_portal.instruments.compute import Compute, WorkerEnded
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import JobLimits, Settings

if TYPE_CHECKING:
    from dask_on_loopback import Broker

pytestmark = pytest.mark.usefixtures("sundial")

TOKEN = "the-portals-own-token"


class Told:
    """What a task says."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, data: dict[str, Any]) -> None:
        self.heard.append((kind, data))

    @property
    def log(self) -> list[str]:
        return [data["line"] for kind, data in self.heard if kind == "log"]

    async def half(self, times: int = 1) -> None:
        """Wait until the instrument runs, so many times."""
        async with asyncio.timeout(60):
            while sum(data.get("text") == "Half" for _, data in self.heard) < times:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def compute(broker: Broker, token: str = TOKEN, **limits: float) -> AsyncIterator[Compute]:
    cluster = StandingCluster(BrokerClient(broker.url, token))
    yield ClusterCompute(JobLimits(**limits), cluster)
    await cluster.close()


def task(mood: str = "good", hour: float = 5) -> dict[str, Any]:
    return {"id": f"{mood}1", "instrument": "sundial", "parameters": {"mood": mood, "hour": hour}}


def children(worker: psutil.Process) -> list[psutil.Process]:
    """The instruments' processes of a worker."""
    return [each for each in worker.children() if "uraniborg_portal.instruments.worker" in each.cmdline()]


async def test_a_task_gives_its_product_and_says_what_it_does(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    worker = broker.cluster.start_worker("alpha")
    async with compute(broker) as cluster:
        told = Told()
        kind, made = await cluster.run(task(), tmp_path / "product", told)
        assert kind == "made"
        assert made["product"]["files"][0]["name"] == "hour.txt"
        file = tmp_path / "product" / "files" / "hour.txt"
        assert file.read_text() == "5.0"
        assert file.stat().st_mode & 0o777 == 0o444
        assert told.log[:3] == ["Worker alpha", "printed by the instrument", "printed by a program below it"]
        assert ("progress", {"fraction": 0.5, "text": "Half"}) in told.heard
        before = children(worker)
        assert (await cluster.run(task(hour=6), tmp_path / "second", Told()))[0] == "made"
        assert children(worker) == before


FAILURES = [
    ("refuses", "The sun does not shine."),
    ("raises", "The instrument met an error that it does not expect: ZeroDivisionError: hour angle"),
]


async def test_failures_have_words_and_the_worker_lives_on(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    broker.cluster.start_worker("alpha")
    async with compute(broker) as cluster:
        for mood, words in FAILURES:
            kind, said = await cluster.run(task(mood), tmp_path / mood, Told())
            assert (kind, said["message"]) == ("failed", words)
        told = Told()
        with pytest.raises(WorkerEnded, match="ended by signal SIGABRT") as caught:
            await cluster.run(task("dies"), tmp_path / "dies", told)
        assert not caught.value.lost
        assert "printed by the instrument" in told.log
        assert (await cluster.run(task(), tmp_path / "good", Told()))[0] == "made"


async def test_a_product_beyond_the_limit_is_refused(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    broker.cluster.start_worker("alpha")
    async with compute(broker, product_megabytes=1) as cluster:
        kind, said = await cluster.run(task("large"), tmp_path / "large", Told())
    assert kind == "failed"
    assert said["message"] == "The product is 2 MB; accepted: 1 MB (jobs.product_megabytes)."


async def test_cancel_ends_the_process_within_a_second(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    worker = broker.cluster.start_worker("alpha")
    async with compute(broker) as cluster:
        told = Told()
        running = asyncio.create_task(cluster.run(task("hangs"), tmp_path / "product", told))
        await told.half()
        processes = children(worker)
        assert processes
        begun = time.monotonic()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        _, left = await asyncio.to_thread(psutil.wait_procs, processes, 5)
        assert not left
        assert time.monotonic() - begun < 1
        assert (await cluster.run(task(), tmp_path / "good", Told()))[0] == "made"


async def test_a_portal_that_is_gone_leaves_no_work_behind(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    worker = broker.cluster.start_worker("alpha")
    async with compute(broker) as cluster:
        told = Told()
        running = asyncio.create_task(cluster.run(task("hangs"), tmp_path / "product", told))
        await told.half()
        processes = children(worker)
    with pytest.raises(WorkerEnded):
        await running
    _, left = await asyncio.to_thread(psutil.wait_procs, processes, 5)
    assert not left


async def test_a_lost_worker_costs_a_second_run_and_two_end_the_task(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    workers = {name: broker.cluster.start_worker(name) for name in ("alpha", "beta")}
    async with compute(broker) as cluster:
        told = Told()
        running = asyncio.create_task(cluster.run(task("hangs"), tmp_path / "product", told))
        await told.half()
        first = told.log[0].removeprefix("Worker ")
        workers.pop(first).kill()
        await told.half(2)
        [(second, process)] = workers.items()
        assert f"The worker {first} was lost; {second} runs the job again." in told.log
        assert not running.done()
        process.kill()
        with pytest.raises(WorkerEnded, match="Two workers ended") as caught:
            await running
        assert not caught.value.lost
        broker.cluster.start_worker("gamma")
        assert (await cluster.run(task(), tmp_path / "good", Told()))[0] == "made"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_lost_scheduler_says_so_and_the_next_one_is_found(
    broker: Broker, tmp_path: Path, number: signal.Signals
) -> None:
    broker.cluster.start_scheduler()
    worker = broker.cluster.start_worker("alpha")
    async with compute(broker, cluster_seconds=60) as cluster:
        told = Told()
        running = asyncio.create_task(cluster.run(task("hangs"), tmp_path / "product", told))
        await told.half()
        broker.cluster.processes[0].send_signal(number)
        broker.cluster.url = None
        with pytest.raises(WorkerEnded, match="scheduler of the portal's workers was lost") as caught:
            await asyncio.wait_for(running, 10)
        assert caught.value.lost
        worker.kill()
        told = Told()
        again = asyncio.create_task(cluster.run(task(), tmp_path / "again", told))
        broker.cluster.start_scheduler()
        broker.cluster.start_worker("beta")
        assert (await again)[0] == "made"
        assert told.log[0] == "Worker beta"


async def test_another_scheduler_that_the_broker_names_is_taken(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    broker.cluster.start_worker("alpha")
    async with compute(broker) as cluster:
        told = Told()
        running = asyncio.create_task(cluster.run(task("hangs"), tmp_path / "product", told))
        await told.half()
        broker.cluster.start_scheduler()
        broker.cluster.start_worker("beta")
        with pytest.raises(WorkerEnded) as caught:
            await asyncio.wait_for(running, 10)
        assert caught.value.lost
        told = Told()
        assert (await cluster.run(task(), tmp_path / "again", told))[0] == "made"
        assert told.log[0] == "Worker beta"


@pytest.mark.parametrize(
    ("token", "words"), [(TOKEN, "The portal's workers are not there yet."), ("another", "This token may not.")]
)
async def test_no_cluster_fails_with_the_brokers_words(broker: Broker, tmp_path: Path, token: str, words: str) -> None:
    async with compute(broker, token, cluster_seconds=0.5) as cluster:
        kind, said = await cluster.run(task(), tmp_path / "product", Told())
        assert (kind, said["message"]) == ("failed", words)
        await cluster.warm(("json",))


async def test_who_has_no_certificate_of_the_cluster_gets_no_job(broker: Broker, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    (tmp_path / "others").mkdir()
    theirs = type(broker.cluster).with_certificates(tmp_path / "others")
    broker.cluster.pem = theirs.pem
    async with compute(broker, cluster_seconds=0.5) as cluster:
        kind, said = await cluster.run(task(), tmp_path / "product", Told())
        assert kind == "failed"
        assert "does not answer" in said["message"]


async def test_a_form_that_is_opened_warms_a_process(broker: Broker) -> None:
    broker.cluster.start_scheduler()
    worker = broker.cluster.start_worker("alpha")
    async with compute(broker) as cluster:
        await cluster.warm(("colorsys",))
        async with asyncio.timeout(30):
            while not any("colorsys" in each.cmdline() for each in worker.children()):
                await asyncio.sleep(0.02)


def test_the_portal_runs_its_jobs_there(broker: Broker, hub: HubService, tmp_path: Path) -> None:
    broker.cluster.start_scheduler()
    broker.cluster.start_worker("alpha")
    settings = Settings(home=tmp_path, network=False, pools_url=broker.url, jobs=JobLimits(compute="dask"))
    app = create_app(settings, hub=hub)
    app.dependency_overrides[optional_user] = lambda: User(name="tycho")
    with TestClient(app, base_url="http://testserver/services/portal/") as client:
        job = client.post("api/instruments/sundial/jobs", json={"hour": 4}).json()["id"]
        client.get(f"api/jobs/{job}/events")
        ended = client.get(f"api/jobs/{job}").json()
        assert ended["state"] == "done", ended
        assert client.get(f"api/products/{ended['product']}/files/hour.txt").text == "4.0"
        assert "Worker alpha" in client.get(f"api/products/{ended['product']}").json()["log"]


def test_a_portal_without_a_broker_says_so_at_its_start(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, network=False, jobs=JobLimits(compute="dask"))
    with pytest.raises(BadParameter, match="no pools_url"), TestClient(create_app(settings)):
        pass
