"""From asking for a pool to its first result and to four workers: ours, bare pods, and KubeCluster."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from deployed.pools import NAMESPACE, SETTINGS, Lab, broker, kubectl, namespace, operator, order
from figures import Report, quantiles

from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings

pytestmark = pytest.mark.timeout(7200)

ROUNDS = int(os.environ.get("URANIBORG_BENCH_ROUNDS", "20"))
WORKERS = 4
MEMORY = "400MiB"
LIMIT = "ratio at most 1.15"
MOMENTS = ("first_result", "four_workers")
CALLER = "kubecluster"
KUBECLUSTER = """
import json, sys, time
from dask_kubernetes.operator import KubeCluster, make_cluster_spec

image, number, began, namespace = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
spec = make_cluster_spec(f"peer-{number}", image=image, n_workers=4,
                         worker_command=["dask", "worker", "--nthreads", "1", "--memory-limit", "400MiB"])
security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
context = {"runAsUser": 1000, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
for part in ("scheduler", "worker"):
    pod = spec["spec"][part]["spec"]
    pod["securityContext"] = context
    pod["containers"][0]["securityContext"] = security
spec["spec"]["scheduler"]["spec"]["containers"][0]["args"] = ["dask", "scheduler", "--host", "0.0.0.0"]
with KubeCluster(custom_cluster_spec=spec, namespace=namespace, quiet=True) as cluster, cluster.get_client() as client:
    first = client.submit(lambda: 6 * 7, pure=False).result(timeout=180) and time.time()
    client.wait_for_workers(4, timeout=180)
    print(json.dumps([first - began, time.time() - began]))
"""
"""What a user with the cluster's credentials would write; the commands of dask 2026.8, the rest its defaults."""
RIGHTS = {
    "": ["pods", "pods/log", "services", "events"],
    "apps": ["deployments"],
    "kubernetes.dask.org": ["daskclusters", "daskworkergroups", "daskautoscalers"],
}


def bare(name: str) -> list[dict[str, Any]]:
    """Give a scheduler, four workers and a Service, to be applied at once."""
    labels = {"app": name}

    def pod(part: str, *command: str) -> dict[str, Any]:
        security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        context = {"runAsUser": 1000, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
        image = os.environ["URANIBORG_LAB_IMAGE"]
        container = {"name": "dask", "image": image, "args": ["dask", *command], "securityContext": security}
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
        *(pod(f"w{i}", "worker", f"{name}:8786", "--nthreads", "1", "--memory-limit", MEMORY) for i in range(WORKERS)),
    ]


Pair = tuple[float, float]
"""Seconds to the first result, and to four workers."""


async def time_bare(lab: Lab) -> Pair:
    """Measure pods that kubectl applies at once."""
    name = f"bare-{time.time_ns() % 10**8}"
    began = time.time()
    await asyncio.to_thread(kubectl, "apply", "-f", "-", content=bare(name))
    await lab.ask("connect", address=f"tcp://{name}:8786", pem=None)
    taken = await seconds(lab, began)
    await asyncio.to_thread(kubectl, "delete", "pod,service,networkpolicy", "-l", f"app={name}", "--wait=true")
    return taken


async def time_ours(lab: Lab, settings: ClusterSettings) -> Pair:
    """Measure a pool of the broker's, with mutual TLS and policies."""
    async with broker(settings) as backend:
        began = time.time()
        pool = await backend.start(order(WORKERS))
        await lab.connect(await pool.access())
        taken = await seconds(lab, began)
        await pool.stop()
    return taken


async def seconds(lab: Lab, began: float) -> Pair:
    """Compute, wait for the workers, and let go."""
    first, four = await lab.ask("first"), await lab.ask("workers", n=WORKERS)
    await lab.ask("close")
    assert isinstance(first, float) and isinstance(four, float)
    return first - began, four - began


async def time_kubecluster(image: str) -> Pair | str:
    """Measure KubeCluster, called in a pod that may make DaskClusters; where it failed, what it said last."""
    number = str(time.time_ns() % 10**8)
    inside = ("kubectl", "-n", NAMESPACE, "exec", CALLER, "--", "python", "-c", KUBECLUSTER)
    call = (*inside, image, number, str(time.time()), NAMESPACE)
    done = await asyncio.to_thread(subprocess.run, call, capture_output=True, text=True, check=False)
    await asyncio.to_thread(kubectl, "delete", "daskcluster", f"peer-{number}", "--ignore-not-found", check=False)
    told = done.stdout.strip().splitlines()
    if told and told[-1].startswith("["):
        first, four = json.loads(told[-1])
        return first, four
    return next((line for line in reversed(done.stderr.splitlines()) if "Error" in line), "no words")


def caller(image: str) -> list[dict[str, Any]]:
    """Give the pod that calls KubeCluster, and its rights."""
    rules = [{"apiGroups": [group], "resources": names, "verbs": ["*"]} for group, names in RIGHTS.items()]
    subject = {"kind": "ServiceAccount", "name": CALLER, "namespace": NAMESPACE}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": CALLER}
    rbac = "rbac.authorization.k8s.io/v1"
    context = {"runAsUser": 1000, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {
        "name": "hub",
        "image": image,
        "args": ["sleep", "infinity"],
        "env": [{"name": "HOME", "value": "/tmp"}],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {"serviceAccountName": CALLER, "containers": [container], "securityContext": context}
    meta = {"metadata": {"name": CALLER}}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", **meta},
        {"apiVersion": rbac, "kind": "Role", **meta, "rules": rules},
        {"apiVersion": rbac, "kind": "RoleBinding", **meta, "subjects": [subject], "roleRef": role},
        {"apiVersion": "v1", "kind": "Pod", **meta, "spec": {**pod, "terminationGracePeriodSeconds": 1}},
    ]


@pytest.fixture(scope="module")
def lab(pushed: dict[str, str]) -> Iterator[Lab]:
    """A lab in the pools' namespace, with an operator, and the pod that calls KubeCluster."""
    with namespace(), operator():
        kubectl("apply", "-f", "-", content=caller(pushed["hub"]))
        kubectl("wait", f"pod/{CALLER}", "--for=condition=Ready", "--timeout=300s")
        tycho = Lab("tycho")
        yield tycho
        tycho.close()


async def test_pools(lab: Lab, pushed: dict[str, str], report: Report) -> None:
    """Pools of four in turn, images present; URANIBORG_BENCH_ROUNDS of each."""
    plans: dict[str, Callable[[], Awaitable[Pair | str]]] = {
        "ours": lambda: time_ours(lab, SETTINGS),
        "bare pods by kubectl": lambda: time_bare(lab),
        "KubeCluster in a pod": lambda: time_kubecluster(pushed["lab"]),
        "ours with a nanny": lambda: time_ours(lab, SETTINGS.model_copy(update={"nanny": True})),
    }
    taken: defaultdict[str, list[Pair]] = defaultdict(list)
    failed: defaultdict[str, list[str]] = defaultdict(list)
    for _ in range(ROUNDS):
        for name, measure in plans.items():
            pair = await measure()
            if isinstance(pair, str):
                failed[name].append(pair)
            else:
                taken[name].append(pair)
    for number, moment in enumerate(MOMENTS):
        ours, *others = ((name, [pair[number] for pair in taken[name]]) for name in plans)
        for name, theirs in others:
            asked = {50: LIMIT} if name.startswith("bare") else None
            if theirs:
                report.add(*quantiles(f"cluster.pool.{moment}", ours[1], name, theirs, asked))
    for name in plans:
        why = "; ".join(sorted(set(failed[name])))
        report.note(f"{name}: {len(failed[name])} of {ROUNDS} failed. {why}".rstrip())
