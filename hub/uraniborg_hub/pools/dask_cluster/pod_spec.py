"""The pods of a pool: one container each, under the restricted pod security standard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from uraniborg_hub.pools.dask_cluster import names
from uraniborg_hub.pools.dask_cluster.lab_pod import LabPod
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.models import PoolSpec

Json = dict[str, Any]

TLS = "/etc/uraniborg/pool"
"""Folder of a pod's certificates."""
SCRATCH = "/tmp"
GRACE = 3
"""Seconds that a container gets after SIGTERM."""
ROUTES = (
    "distributed.http.scheduler.prometheus",
    "distributed.http.scheduler.info",
    "distributed.http.scheduler.json",
    "distributed.http.scheduler.api",
    "distributed.http.health",
    "distributed.http.statics",
    "uraniborg_hub.pools.scheduler_route",
)
"""What a scheduler answers on 8787: its API besides the usual, and no proxy to addresses that a page names."""
TLS_SOCKET = "uraniborg_hub.pools.tls_socket"
PROMPT_JOIN = "uraniborg_hub.pools.prompt_join"
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""Numerical libraries get one thread in each of a worker's threads."""


def variables(lab: LabPod) -> dict[str, str]:
    """Give the variables of our own that every container of a pool gets; they win over the lab's."""
    certificate, key = f"{TLS}/tls.crt", f"{TLS}/tls.key"
    comm = "DASK_DISTRIBUTED__COMM"
    roles = {
        f"{comm}__TLS__{role}__{kind}": path
        for role in ("SCHEDULER", "WORKER", "CLIENT")
        for kind, path in (("CERT", certificate), ("KEY", key))
    }
    return {
        **dict.fromkeys(THREADS, "1"),
        "HOME": SCRATCH,
        "PYTHONUNBUFFERED": "1",
        "DASK_TEMPORARY_DIRECTORY": SCRATCH,
        f"{comm}__REQUIRE_ENCRYPTION": "True",
        f"{comm}__TLS__CA_FILE": f"{TLS}/ca.crt",
        **roles,
        "JUPYTER_IMAGE": lab.image,
    }


def scheduler(spec: PoolSpec, lab: LabPod, settings: ClusterSettings) -> Json:
    """Give the pod of a pool's scheduler."""
    arguments = ["dask", "scheduler", "--host", "0.0.0.0", "--protocol", "tls", "--port", str(names.COMM)]
    arguments += ["--dashboard-address", f":{names.HTTP}", "--dashboard-prefix", spec.dashboard_path]
    own = {
        "DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES": repr(list(ROUTES)),
        "DASK_DISTRIBUTED__SCHEDULER__PRELOAD": repr([TLS_SOCKET]),
    }
    resources = {
        "requests": {"cpu": _cpu(settings.cpu_request), "memory": settings.scheduler_memory_request},
        "limits": {"cpu": _cpu(settings.scheduler_cpu), "memory": settings.scheduler_memory},
    }
    container = _container("scheduler", arguments, variables(lab) | own, lab, settings) | {
        "resources": resources,
        "ports": [
            {"name": "tcp-comm", "containerPort": names.COMM, "protocol": "TCP"},
            {"name": "http-dashboard", "containerPort": names.HTTP, "protocol": "TCP"},
        ],
    }
    return _pod(spec, "scheduler", container, lab, settings)


def worker(spec: PoolSpec, lab: LabPod, settings: ClusterSettings) -> Json:
    """Give the pod of each of a pool's workers."""
    lab = replace(lab, volumes=lab.volumes + lab.worker_volumes, mounts=lab.mounts + lab.worker_mounts)
    arguments = ["dask", "worker", "--protocol", "tls", "--name", f"$({names.WORKER_NAME})"]
    arguments += ["--nthreads", str(spec.threads), "--memory-limit", str(spec.memory), "--no-dashboard"]
    arguments += ["--nanny" if settings.nanny else "--no-nanny", "--local-directory", SCRATCH]
    own = {
        # The operator's own value begins with tcp://; it keeps one that is there.
        "DASK_SCHEDULER_ADDRESS": f"tls://{names.scheduler(spec.name)}:{names.COMM}",
        "DASK_DISTRIBUTED__WORKER__PRELOAD": repr([TLS_SOCKET, PROMPT_JOIN, *lab.preload]),
    }
    promised = int(spec.memory * settings.memory_request)
    resources = {
        "requests": {"cpu": _cpu(settings.cpu_request * spec.threads), "memory": str(promised)},
        "limits": {"cpu": _cpu(settings.cpu_limit * spec.threads), "memory": str(spec.memory)},
    }
    container = _container("worker", arguments, variables(lab) | own, lab, settings) | {"resources": resources}
    return _pod(spec, "worker", container, lab, settings)


def _container(name: str, arguments: list[str], own: dict[str, str], lab: LabPod, settings: ClusterSettings) -> Json:
    kept = [entry for entry in lab.environment if entry["name"] not in own]
    return {
        "name": name,
        "image": lab.image,
        "imagePullPolicy": settings.pull_policy,
        "args": arguments,
        "workingDir": SCRATCH,
        "env": [*kept, *({"name": variable, "value": value} for variable, value in own.items())],
        # The last lines of a container that failed come with its status: reading logs takes no right of its own.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [
            {"name": "pool-tls", "mountPath": TLS, "readOnly": True},
            {"name": "pool-scratch", "mountPath": SCRATCH},
            *lab.mounts,
        ],
    }


def _pod(spec: PoolSpec, party: str, container: Json, lab: LabPod, settings: ClusterSettings) -> Json:
    items = {"ca.crt": "ca.crt", f"{party}.crt": "tls.crt", f"{party}.key": "tls.key"}
    certificates = {
        "secretName": names.secret(spec.name),
        "defaultMode": 0o444,
        "items": [{"key": key, "path": path} for key, path in items.items()],
    }
    return {
        "automountServiceAccountToken": False,
        "serviceAccountName": settings.service_account,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE,
        "securityContext": {**lab.identity, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [
            {"name": "pool-tls", "secret": certificates},
            {"name": "pool-scratch", "emptyDir": {"sizeLimit": settings.scratch}},
            *lab.volumes,
        ],
        **_given(
            imagePullSecrets=[{"name": name} for name in settings.pull_secrets],
            nodeSelector=settings.node_selector,
            tolerations=settings.tolerations,
            priorityClassName=settings.priority_class,
        ),
    }


def _given(**values: Iterable[Any]) -> Json:
    return {name: value for name, value in values.items() if value}


def _cpu(cores: float) -> str:
    return f"{round(cores * 1000)}m"
