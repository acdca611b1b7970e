"""A broker's back end of this process, an operator, and labs that compute on the pools, on a real cluster.

This process must reach pods and services of the cluster by their addresses, from `URANIBORG_TEST_HOST`.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import yaml

from uraniborg_hub.pools.backend import RunningPool
from uraniborg_hub.pools.dask_cluster.backend import DaskClusterBackend
from uraniborg_hub.pools.dask_cluster.settings import DNS, ClusterSettings
from uraniborg_hub.pools.lives import new_name
from uraniborg_hub.pools.models import Access, PoolSpec

NAMESPACE = os.environ.get("URANIBORG_TEST_NAMESPACE", "dev-pools")
HOST = os.environ.get("URANIBORG_TEST_HOST", "198.19.0.1/32")
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
        """Give the pod's object."""
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
        """Have something done inside, and give what comes of it."""
        answer = await asyncio.to_thread(self._ask, {"do": do, **order})
        assert "error" not in answer, answer
        given: Json = answer["is"]
        return given

    async def refused(self, **order: object) -> str:
        """The error that connecting ends with."""
        answer = await asyncio.to_thread(self._ask, {"do": "connect", "timeout": 4, **order})
        return str(answer["error"])

    async def connect(self, access: Access) -> None:
        """Connect to a pool's scheduler."""
        await self.ask("connect", address=access.scheduler, pem=asdict(access.credentials))

    def close(self) -> None:
        """Remove the pod."""
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
        # All that it knows is in the cluster; asked to end, it may first wait for what it watches.
        process.kill()
        process.wait(10)
        drain.wait(10)


@contextmanager
def namespace() -> Iterator[str]:
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
    yield NAMESPACE
    # Gone before the next module makes it anew; what is left of a pool would hold it.
    kubectl("delete", "namespace", NAMESPACE, "--timeout=120s")


@asynccontextmanager
async def broker(settings: ClusterSettings = SETTINGS) -> AsyncIterator[DaskClusterBackend]:
    """The back end, connected."""
    backend = DaskClusterBackend(settings)
    await backend.existing()
    yield backend
    await backend.close()


def order(workers: int = 4) -> PoolSpec:
    """Give the specification of a new pool."""
    name = new_name("tycho")
    return PoolSpec(
        name=name,
        owner="tycho",
        workers=workers,
        threads=1,
        memory=400 * 2**20,
        dashboard_path=f"/services/pools/{name}",
        idle_seconds=600,
        lab="",
    )


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
