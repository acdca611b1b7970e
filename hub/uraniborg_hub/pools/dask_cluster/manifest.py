"""The objects of a pool that the broker makes: the DaskCluster, and the Secret with its certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from uraniborg_hub.pools.dask_cluster import names, pod_spec, record
from uraniborg_hub.pools.dask_cluster.certificates import secret_data
from uraniborg_hub.pools.dask_cluster.lab_pod import LabPod
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.models import PoolSpec

Json = dict[str, Any]


def labels(spec: PoolSpec, settings: ClusterSettings) -> dict[str, str]:
    """Give the labels of everything of a pool."""
    return {**settings.labels, names.CLUSTER: spec.name, names.OWNER: names.owner_label(spec.owner)}


def owned_by(lab: LabPod) -> list[Json]:
    """Give the owner reference through which Kubernetes removes an object when the lab's pod is gone."""
    return [{"apiVersion": "v1", "kind": "Pod", "name": lab.name, "uid": lab.uid}] if lab.uid else []


def secret(spec: PoolSpec, lab: LabPod, pems: Mapping[str, str], settings: ClusterSettings) -> Json:
    """Give the Secret with a pool's certificates; pods mount their own ones of it, the client's stays in it."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": names.secret(spec.name),
            "labels": labels(spec, settings),
            "ownerReferences": owned_by(lab),
        },
        "type": "Opaque",
        "data": secret_data(pems),
    }


def cluster(spec: PoolSpec, lab: LabPod, settings: ClusterSettings) -> Json:
    """Give the DaskCluster of a pool; the operator makes scheduler, Service and workers from it.

    It has no `idleTimeout` and no readiness probe. The first would make the operator ask schedulers, in which code of
    users runs, all the time; with the second, and a Service that leaves out what is not ready, workers come seconds
    later.
    """
    return {
        "apiVersion": "kubernetes.dask.org/v1",
        "kind": "DaskCluster",
        "metadata": {
            "name": spec.name,
            "labels": labels(spec, settings),
            "annotations": {names.RECORD: record.written(spec)},
            "ownerReferences": owned_by(lab),
        },
        "spec": {
            "scheduler": {
                "metadata": {"labels": {names.PART: "scheduler"}},
                "spec": pod_spec.scheduler(spec, lab, settings),
                "service": service(spec),
            },
            "worker": {
                "metadata": {"labels": {names.PART: "worker"}},
                "replicas": spec.workers,
                "spec": pod_spec.worker(spec, lab, settings),
            },
        },
    }


def service(spec: PoolSpec) -> Json:
    """Give the Service of a pool's scheduler; it leads there from the first moment."""
    ports = (("tcp-comm", names.COMM), ("http-dashboard", names.HTTP))
    return {
        "type": "ClusterIP",
        "publishNotReadyAddresses": True,
        "selector": {names.CLUSTER: spec.name, names.COMPONENT: "scheduler"},
        "ports": [{"name": name, "protocol": "TCP", "port": port, "targetPort": name} for name, port in ports],
    }
