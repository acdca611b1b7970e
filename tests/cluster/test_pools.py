"""Pools on a real cluster, by the broker's back end itself and a real operator.

This process must reach pods and services of the cluster by their addresses, from `URANIBORG_TEST_HOST`.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from importlib.resources import files
from typing import Any

import pytest
import yaml

from uraniborg_hub.pools.adapting import follow
from uraniborg_hub.pools.backend import RunningPool
from uraniborg_hub.pools.dask_cluster import certificates
from uraniborg_hub.pools.dask_cluster.backend import DaskClusterBackend
from uraniborg_hub.pools.dask_cluster.settings import DNS, ClusterSettings
from uraniborg_hub.pools.errors import PoolFailed
from uraniborg_hub.pools.lives import new_name
from uraniborg_hub.pools.models import Access, Bounds, Credentials, PoolSpec

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

NAMESPACE = os.environ.get("URANIBORG_TEST_NAMESPACE", "dev-pools")
HOST = os.environ.get("URANIBORG_TEST_HOST", "198.19.0.1/32")
ROUNDS = int(os.environ.get("URANIBORG_TEST_ROUNDS", "5"))
CRDS = "operator/deployment/helm/dask-kubernetes-operator/crds"
SETTINGS = ClusterSettings(
    namespace=NAMESPACE,
    labels={"app.kubernetes.io/name": "uraniborg"},
    http_from=[{"ipBlock": {"cidr": HOST}}],
    memory_request=0.25,
    sweep_seconds=5,
)
Json = float | list[Any] | dict[str, Any]
PROGRAM = """
import json, socket, sys, time
from distributed import Client, Security

def security(pem):
    return pem and Security(require_encryption=True, tls_ca_file=pem["ca"], tls_client_cert=pem["cert"],
                            tls_client_key=pem["key"])

def obey(do, **order):
    global client, kept
    if do == "connect":
        while True:
            try:
                client = Client(order["address"], security=security(order["pem"]), timeout=order.get("timeout", 60))
                return True
            except OSError as error:
                if order.get("timeout") or "gaierror" not in repr(error):
                    raise
    if do == "first":
        client.submit(lambda: 6 * 7, pure=False).result(timeout=180)
        return time.time()
    if do == "workers":
        client.wait_for_workers(order["n"], timeout=180)
        return time.time()
    if do == "keep":
        kept = [client.scatter(bytes(1000) * (i + 1)) for i in range(order["n"])]
        kept += client.map(lambda i: bytes([i]) * 100_000, range(order["n"]))
        return [future.result(timeout=60) and 1 for future in kept] and True
    if do == "kept":
        return [len(value) for value in client.gather(kept)]
    if do == "burden":
        kept = client.map(lambda i: time.sleep(0.5) or i, range(order["n"]), pure=False)
        return True
    if do == "burdened":
        return client.gather(kept)
    if do == "relieve":
        kept = []
        return True
    if do == "names":
        return sorted(worker["name"] for worker in client.scheduler_info(n_workers=-1)["workers"].values())
    if do == "environment":
        return client.submit(lambda: dict(__import__("os").environ), pure=False).result(timeout=30)
    if do == "from_worker":
        return client.submit(reaches, *order["to"], pure=False).result(timeout=30)
    if do == "reaches":
        return reaches(*order["to"])
    if do == "shutdown":
        return client.shutdown()
    if do == "close":
        return client.close()

def reaches(host, port):
    import socket
    try:
        socket.create_connection((host, port), 3).close()
    except OSError:
        return False
    return True

print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    try:
        answer = {"is": obey(**json.loads(line))}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
"""


def kubectl(*arguments: str, content: object = None, check: bool = True) -> str:
    """Run kubectl in the namespace; `content` is its input, as YAML."""
    given = None if content is None else yaml.safe_dump_all(content if isinstance(content, list) else [content])
    done = subprocess.run(
        ["kubectl", "-n", NAMESPACE, *arguments], input=given, capture_output=True, text=True, check=False
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout


def say(line: str) -> None:
    """Print a figure."""
    sys.stdout.write(f"{line}\n")


def objects(pool: str) -> list[str]:
    """Everything of a pool that the cluster still has."""
    kinds = "daskclusters,daskworkergroups,deployments,replicasets,pods,services,secrets,networkpolicies"
    return kubectl("get", kinds, "-l", f"dask.org/cluster-name={pool}", "-o", "name").split()


class Lab:
    """A lab's pod, and a Python inside that speaks with pools."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.name = f"jupyter-{user}"
        kubectl("delete", "pod", self.name, "--ignore-not-found", "--grace-period=0", "--force")
        kubectl("apply", "-f", "-", content=self.pod())
        kubectl("wait", f"pod/{self.name}", "--for=condition=Ready", "--timeout=300s")
        command = ["kubectl", "-n", NAMESPACE, "exec", "-i", self.name, "--", "python", "-c", PROGRAM]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None and "ready" in self._process.stdout.readline()

    def pod(self) -> dict[str, Any]:
        labels = {"app.kubernetes.io/component": "lab", "hub.jupyter.org/username": self.user}
        container = {
            "name": "notebook",
            "image": os.environ["URANIBORG_LAB_IMAGE"],
            "command": ["sleep", "infinity"],
            "env": [
                {"name": "HOME", "value": "/tmp"},
                {"name": "JUPYTERHUB_API_TOKEN", "value": "secret"},
                {"name": "SITE", "value": "hven"},
            ],
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
        context = {"runAsUser": 1000, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": self.name,
                "labels": {**labels, "hub.jupyter.org/servername": ""},
                "annotations": {"hub.jupyter.org/username": self.user},
            },
            "spec": {
                "terminationGracePeriodSeconds": 1,
                "automountServiceAccountToken": False,
                "securityContext": context,
                "containers": [container],
            },
        }

    async def ask(self, do: str, **order: object) -> Json:
        answer = await asyncio.to_thread(self._ask, {"do": do, **order})
        assert "error" not in answer, answer
        return answer["is"]

    async def refused(self, **order: object) -> str:
        """The error that connecting ends with."""
        answer = await asyncio.to_thread(self._ask, {"do": "connect", "timeout": 4, **order})
        return str(answer["error"])

    async def connect(self, access: Access) -> None:
        await self.ask("connect", address=access.scheduler, pem=asdict(access.credentials))

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        kubectl("delete", "pod", self.name, "--ignore-not-found", "--wait=false")

    def _ask(self, order: Mapping[str, object]) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def operator() -> Iterator[subprocess.Popen[str]]:
    """The operator as its image runs it, ready."""
    command = [sys.executable, "-m", "kopf", "run", "-m", "dask_kubernetes.operator.controller"]
    command += ["--namespace", NAMESPACE, "--standalone"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "Initial authentication has finished" in line:
            break
    drain = subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
        drain.wait(10)


@pytest.fixture(scope="module")
def namespace(lab_image: str) -> None:
    """A namespace under the restricted standard, with what a site's labs may reach: names only."""
    restricted = {"pod-security.kubernetes.io/enforce": "restricted"}
    labs = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "labs"},
        "spec": {
            "podSelector": {"matchLabels": {"app.kubernetes.io/component": "lab"}},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [DNS],
        },
    }
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": restricted}}
    kubectl("apply", "-f", "-", content=[space, labs])
    for crd in (files("dask_kubernetes") / CRDS).iterdir():
        kubectl("apply", "--server-side", "--force-conflicts", "-f", str(crd))


@pytest.fixture(scope="module")
def running_operator(namespace: None) -> Iterator[subprocess.Popen[str]]:
    with operator() as process:
        yield process


@pytest.fixture(scope="module")
def lab(namespace: None) -> Iterator[Lab]:
    tycho = Lab("tycho")
    yield tycho
    tycho.close()


@asynccontextmanager
async def broker(settings: ClusterSettings = SETTINGS) -> AsyncIterator[DaskClusterBackend]:
    """The back end, connected."""
    backend = DaskClusterBackend(settings)
    await backend.existing()
    yield backend
    await backend.close()


def order(workers: int = 4, **besides: object) -> PoolSpec:
    name = new_name("tycho")
    base = PoolSpec(
        name=name,
        owner="tycho",
        workers=workers,
        threads=1,
        memory=400 * 2**20,
        dashboard_path=f"/services/pools/{name}",
        idle_seconds=600,
        lab="",
    )
    return replace(base, **besides)


async def reached(pool: RunningPool, ready: int, seconds: float = 180) -> None:
    """Wait until so many workers answer."""
    async with asyncio.timeout(seconds):
        while pool.ready != ready:
            await asyncio.sleep(0.05)


async def gone(pool: str, seconds: float) -> float:
    """Wait until nothing is left of a pool; gives how long it took."""
    began = time.monotonic()
    while left := await asyncio.to_thread(objects, pool):
        assert time.monotonic() - began < seconds, left
    return time.monotonic() - began


@pytest.mark.usefixtures("running_operator")
async def test_a_pool_computes_over_mutual_tls_scales_without_loss_and_leaves_nothing(lab: Lab) -> None:
    spec = order(4)
    async with broker() as backend:
        pool = await backend.start(spec)
        access = await pool.access()
        await lab.connect(access)
        await lab.ask("first")
        await reached(pool, 4)
        variables = await lab.ask("environment")
        assert variables["SITE"] == "hven" and "JUPYTERHUB_API_TOKEN" not in variables
        await lab.ask("keep", n=40)
        whole = await lab.ask("kept")
        await pool.scale(8)
        await reached(pool, 8)
        await pool.scale(2)
        await reached(pool, 2)
        assert await lab.ask("kept") == whole
        assert len(await lab.ask("names")) == 2
        await pool.stop()
        assert objects(spec.name) == []


@dataclass
class Held:
    """What has a specification, as the broker's own pools have."""

    spec: PoolSpec


@pytest.mark.usefixtures("running_operator")
async def test_a_pool_follows_its_load_and_loses_no_result(lab: Lab) -> None:
    held = Held(replace(order(0), adapt=Bounds(minimum=0, maximum=4)))
    async with broker() as backend:
        pool = await backend.start(held.spec)
        following = asyncio.create_task(follow(held, pool))
        await lab.connect(await pool.access())
        began = time.monotonic()
        await lab.ask("burden", n=120)
        await reached(pool, 4)
        say(f"from 0 to 4 workers under load in {time.monotonic() - began:.1f} s")
        assert await lab.ask("burdened") == list(range(120))
        began = time.monotonic()
        await reached(pool, 1)
        assert await lab.ask("burdened") == list(range(120))
        await lab.ask("relieve")
        await reached(pool, 0)
        say(f"from 4 workers to 0 without load in {time.monotonic() - began:.1f} s")
        await lab.ask("burden", n=4)
        assert await lab.ask("burdened") == list(range(4))
        assert (await pool.figures()).done >= 124
        following.cancel()
        await pool.stop()
        assert objects(held.spec.name) == []


@pytest.mark.usefixtures("running_operator")
async def test_who_does_not_belong_to_the_pool_does_not_get_in(lab: Lab) -> None:
    spec = order(2)
    kepler = await asyncio.to_thread(Lab, "kepler")
    async with broker() as backend:
        pool = await backend.start(spec)
        access = await pool.access()
        host = access.scheduler.removeprefix("tls://").rpartition(":")[0]
        plain = access.scheduler.replace("tls://", "tcp://")
        others = certificates.make("others")
        foreign = Credentials(ca=others["ca.crt"], cert=others["client.crt"], key=others["client.key"])
        mixed = replace(foreign, ca=access.credentials.ca)
        assert await lab.refused(address=plain, pem=None)
        for wrong in (foreign, mixed):
            assert await lab.refused(address=access.scheduler, pem=asdict(wrong))
        await lab.connect(access)
        assert await lab.ask("reaches", to=(host, 8786)) and not await lab.ask("reaches", to=(host, 8787))
        for port in (8786, 8787):
            assert not await kepler.ask("reaches", to=(host, port))
        api = ("kubernetes.default.svc", 443)
        assert not await lab.ask("from_worker", to=api) and await lab.ask("from_worker", to=(host, 8786))
        assert not await lab.ask("from_worker", to=(host, 8787))
        await pool.stop()
    kepler.close()


@pytest.mark.usefixtures("running_operator")
async def test_a_broker_that_restarts_keeps_the_pool(lab: Lab) -> None:
    spec = order(2)
    async with broker() as first:
        pool = await first.start(spec)
        await lab.connect(await pool.access())
        await lab.ask("keep", n=5)
        spec = replace(spec, adapt=Bounds(minimum=2, maximum=3))
        await pool.keep(spec)
        while "maximum" not in kubectl("get", "daskcluster", spec.name, "-o", "jsonpath={.metadata.annotations}"):
            await asyncio.sleep(0.1)
    whole = await lab.ask("kept")
    again = DaskClusterBackend(SETTINGS)
    [(found, kept)] = await again.existing()
    assert found == spec
    async with asyncio.timeout(120):
        await lab.connect(await kept.access())
    await kept.scale(3)
    await reached(kept, 3)
    assert len(whole) == 10
    await kept.stop()
    assert objects(spec.name) == []
    await again.close()


@pytest.mark.usefixtures("running_operator")
async def test_an_idle_pool_and_one_that_its_client_shuts_down_say_so(lab: Lab) -> None:
    async with broker() as backend:
        idle = await backend.start(order(1, idle_seconds=6.0))
        await idle.access()
        async with asyncio.timeout(120):
            assert "No task ran" in await idle.ended()
        await idle.stop()
        shut = await backend.start(order(1))
        await lab.connect(await shut.access())
        await lab.ask("shutdown")
        async with asyncio.timeout(120):
            assert "shut down by a client" in await shut.ended()
        await shut.stop()


@pytest.mark.usefixtures("running_operator")
async def test_a_pool_whose_scheduler_is_taken_away_says_so(lab: Lab) -> None:
    async with broker() as backend:
        spec = order(1)
        pool = await backend.start(spec)
        await pool.access()
        await asyncio.to_thread(kubectl, "delete", "pod", "-l", f"{CHOSEN}={spec.name},dask.org/component=scheduler")
        with pytest.raises(PoolFailed, match="took the pool's scheduler away"):
            await asyncio.wait_for(pool.ended(), 60)
        await pool.stop()


@pytest.mark.usefixtures("running_operator")
async def test_why_a_worker_is_pending(lab: Lab) -> None:
    async with broker() as backend:
        pool = await backend.start(order(2, memory=2**44))
        async with asyncio.timeout(120):
            while "no node has enough free memory" not in pool.waiting:
                await asyncio.sleep(0.2)
        assert pool.waiting.startswith("2 workers can't start: no node has enough free memory (0/")
        await pool.stop()


async def test_a_pool_without_operator_goes_within_a_minute(namespace: None, lab: Lab) -> None:
    spec = order(2)
    with operator() as process:
        async with broker() as backend:
            pool = await backend.start(spec)
            await pool.access()
            await asyncio.to_thread(kubectl, "get", "daskcluster", spec.name)
            process.kill()
            process.wait()
            await asyncio.to_thread(kubectl, "delete", "daskcluster", spec.name, "--wait=false")
            async with asyncio.timeout(120):
                assert await pool.ended() == "It was deleted in the cluster."
            await pool.stop()
            say(f"deleted pool gone without operator: {await gone(spec.name, 60):.1f} s")


async def test_a_lab_takes_its_pool_along_without_operator_and_broker(namespace: None) -> None:
    kepler = await asyncio.to_thread(Lab, "kepler")
    spec = order(2, owner="kepler")
    with operator():
        async with broker() as backend:
            await (await backend.start(spec)).access()
    kepler.close()
    async with broker():
        say(f"pool gone after its lab, with operator away: {await gone(spec.name, 60):.1f} s")


CHOSEN = "dask.org/cluster-name"


def bare(name: str) -> list[dict[str, Any]]:
    """The peer: a scheduler, four workers and a Service, applied at once."""
    labels = {"app": name}

    def pod(part: str, *command: str) -> dict[str, Any]:
        security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        context = {"runAsUser": 1000, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        container = {"name": "dask", "image": os.environ["URANIBORG_LAB_IMAGE"], "args": ["dask", *command]}
        container |= {"securityContext": security}
        spec = {"containers": [container], "terminationGracePeriodSeconds": 1, "securityContext": context}
        metadata = {"name": f"{name}-{part}", "labels": labels | {"part": part}}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}

    service = {"selector": {**labels, "part": "scheduler"}, "publishNotReadyAddresses": True, "ports": [{"port": 8786}]}
    lab = {"podSelector": {"matchLabels": {"app.kubernetes.io/component": "lab"}}, "policyTypes": ["Egress"]}
    return [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": labels}, "spec": service},
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "labels": labels},
            "spec": lab | {"egress": [{"to": [{"podSelector": {"matchLabels": labels}}]}]},
        },
        pod("scheduler", "scheduler", "--host", "0.0.0.0"),
        *(pod(f"w{i}", "worker", f"{name}:8786", "--nthreads", "1", *WORKER) for i in range(4)),
    ]


WORKER = os.environ.get("URANIBORG_TEST_WORKER", "--memory-limit 400MiB").split()


async def time_bare(lab: Lab) -> tuple[float, float]:
    """Seconds to the first result and to four workers."""
    name = f"bare-{time.time_ns() % 10**8}"
    began = time.time()
    await asyncio.to_thread(kubectl, "apply", "-f", "-", content=bare(name))
    await lab.ask("connect", address=f"tcp://{name}:8786", pem=None)
    first, four = await lab.ask("first"), await lab.ask("workers", n=4)
    await lab.ask("close")
    await asyncio.to_thread(kubectl, "delete", "pod,service,networkpolicy", "-l", f"app={name}", "--wait=true")
    return first - began, four - began


async def time_ours(lab: Lab, settings: ClusterSettings) -> tuple[float, float]:
    """The same of a pool, with mutual TLS and policies."""
    async with broker(settings) as backend:
        began = time.time()
        pool = await backend.start(order(4))
        await lab.connect(await pool.access())
        first, four = await lab.ask("first"), await lab.ask("workers", n=4)
        await lab.ask("close")
        await pool.stop()
    return first - began, four - began


@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("running_operator")
async def test_figures(lab: Lab) -> None:
    """Print seconds to the first result and to four workers: ours, and bare pods of the same run."""
    plans = {
        "bare": lambda: time_bare(lab),
        "ours": lambda: time_ours(lab, SETTINGS),
        "nanny": lambda: time_ours(lab, SETTINGS.model_copy(update={"nanny": True})),
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in plans}
    for _ in range(ROUNDS):
        for name, measure in plans.items():
            taken[name].append(await measure())
    for number, what in enumerate(("first result", "four workers")):
        for name, pairs in taken.items():
            seconds = sorted(pair[number] for pair in pairs)
            say(f"{what:12} {name:6} p50 {statistics.median(seconds):.2f} s  all {[round(s, 2) for s in seconds]}")
