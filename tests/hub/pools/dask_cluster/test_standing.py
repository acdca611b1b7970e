"""The pool of a service's jobs: its objects, whole, and how its scheduler counts jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import dask
import httpx
import pytest
import yaml
from distributed import Client, Worker
from distributed import Scheduler as DaskScheduler

from uraniborg_hub.kubernetes.authorities import TRUST
from uraniborg_hub.kubernetes.catalogs import Catalogs
from uraniborg_hub.pools.compute_settings import ComputeSettings
from uraniborg_hub.pools.dask_cluster import certificates, manifest, record, standing
from uraniborg_hub.pools.dask_cluster.pod_spec import ROUTES
from uraniborg_hub.pools.dask_cluster.policies import policies
from uraniborg_hub.pools.dask_cluster.scheduler import Scheduler
from uraniborg_hub.pools.dask_cluster.settings import DNS, ClusterSettings
from uraniborg_hub.pools.models import PoolSpec
from uraniborg_hub.pools.standing import wanted

NAME = "portal-jobs-abcdefgh"
COMPUTE = ComputeSettings(
    image="uraniborg.test/portal@sha256:" + "5c" * 32,
    client_namespace="uraniborg",
    client_labels={"app.kubernetes.io/instance": "uraniborg", "app.kubernetes.io/component": "portal"},
    maximum=3,
    environment={"URANIBORG_DATA_MIRROR": "https://mirror.example/data"},
    egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]}, DNS],
    catalogs=Catalogs(claim="sky", path="/var/lib/uraniborg/portal/catalogs"),
    identity={"runAsUser": 1000, "runAsGroup": 1000},
)
SITE = ClusterSettings(
    namespace="labs",
    service_account="uraniborg-worker",
    labels={"app.kubernetes.io/instance": "uraniborg"},
    broker_namespace="uraniborg",
    memory_request=0.5,
    nanny=True,
    egress=[{"to": [{"podSelector": {}}]}],
)


@pytest.fixture
def jobs() -> PoolSpec:
    path = f"/services/pools/{NAME}"
    return replace(wanted(COMPUTE, "/services/pools/"), name=NAME, dashboard_path=path, standing="0123456789abcdef")


def expected(kind: str) -> object:
    return yaml.safe_load((Path(__file__).with_name("manifests") / f"standing.{kind}.yaml").read_text())


def test_its_dask_cluster(jobs: PoolSpec) -> None:
    made = manifest.cluster(jobs, standing.template(COMPUTE), standing.settings(COMPUTE, SITE))
    assert made == expected("cluster")
    assert record.read(made) == jobs


def test_its_pods_trust_the_authorities_of_the_site(jobs: PoolSpec) -> None:
    compute = COMPUTE.model_copy(update={"certificates": "uraniborg-certificates"})
    made = manifest.cluster(jobs, standing.template(compute), standing.settings(compute, SITE))
    for part in ("scheduler", "worker"):
        pod = made["spec"][part]["spec"]
        [container] = pod["containers"]
        assert {"name": "certificates", "configMap": {"name": "uraniborg-certificates"}} in pod["volumes"]
        mount = {"name": "certificates", "mountPath": "/etc/uraniborg/certificates", "readOnly": True}
        assert mount in container["volumeMounts"]
        variables = {each["name"]: each["value"] for each in container["env"]}
        assert {variables[name] for name in TRUST} == {"/etc/uraniborg/certificates/ca-bundle.crt"}
    assert compute.fingerprint != COMPUTE.fingerprint


def test_its_policies_let_in_the_service_alone(jobs: PoolSpec) -> None:
    assert policies(jobs, standing.template(COMPUTE), standing.settings(COMPUTE, SITE)) == expected("policies")


def test_its_secret_has_no_owner(jobs: PoolSpec) -> None:
    secret = manifest.secret(jobs, standing.template(COMPUTE), certificates.make(NAME), SITE)
    assert secret["metadata"]["ownerReferences"] == []


@pytest.fixture
async def running() -> AsyncIterator[DaskScheduler]:
    """A scheduler with these settings, and two workers."""
    prefix = "DASK_DISTRIBUTED__"
    names = {name: name.removeprefix(prefix).lower().replace("__", ".") for name in standing.SCHEDULING}
    settings = {f"distributed.{names[name]}": yaml.safe_load(text) for name, text in standing.SCHEDULING.items()}
    place = {"host": "127.0.0.1", "port": 0, "dashboard_address": "127.0.0.1:0", "http_prefix": "/pool"}
    with dask.config.set({"distributed.scheduler.http.routes": list(ROUTES), **settings}):
        async with (
            DaskScheduler(**place) as scheduler,
            Worker(scheduler.address, name="a", nthreads=1, dashboard=False),
            Worker(scheduler.address, name="b", nthreads=1, dashboard=False),
        ):
            yield scheduler


async def job(folder: str, name: str) -> str:
    """A job that runs until it is let go."""
    while not (Path(folder) / name).exists():
        await asyncio.sleep(0.01)
    return name


def given(scheduler: DaskScheduler) -> int:
    """How many jobs workers have."""
    return sum(len(state.processing) for state in scheduler.workers.values()) + len(scheduler.queued)


async def test_it_wants_a_worker_for_each_job_and_no_busy_one_leaves(running: DaskScheduler, tmp_path: Path) -> None:
    async with httpx.AsyncClient(trust_env=False) as http, Client(running.address, asynchronous=True) as client:
        scheduler = Scheduler(http, f"http://127.0.0.1:{running.http_server.port}", "/pool")
        futures = [client.submit(job, str(tmp_path), str(i), key=f"job-{i}", pure=False) for i in range(5)]
        while given(running) < 5:
            await asyncio.sleep(0)
        while await scheduler.desired() != 5:
            assert given(running) == 5
        for i in range(4):
            (tmp_path / str(i)).touch()
        assert await client.gather(futures[:4]) == ["0", "1", "2", "3"]
        [busy] = [state.name for state in running.workers.values() if state.processing]
        assert await scheduler.desired() == 1
        assert busy not in await scheduler.retire(1)
        (tmp_path / "4").touch()
        assert await futures[4] == "4"
