"""The NetworkPolicies of one pool: its scheduler, its workers, and the way out of its owner's lab.

| from | to | ports |
|---|---|---|
| the owner's lab or the service's pods, the pool's workers | scheduler | 8786 |
| the broker, the operator | scheduler | 8787 |
| scheduler, workers | workers | all |
| workers | what labs may reach, or as the settings say | as the labs' own policy says |
"""

from __future__ import annotations

from typing import Any

from uraniborg_hub.pools.dask_cluster import names
from uraniborg_hub.pools.dask_cluster.lab_pod import LabPod
from uraniborg_hub.pools.dask_cluster.manifest import labels, owned_by
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.models import PoolSpec

Json = dict[str, Any]


def policies(spec: PoolSpec, lab: LabPod, settings: ClusterSettings) -> list[Json]:
    """Give a pool's policies; none where the cluster has none."""
    if not settings.network_policies:
        return []
    scheduler, workers = _pods(_part(spec, "scheduler")), _pods(_part(spec, "worker"))
    comm, http = [_tcp(names.COMM)], [_tcp(names.HTTP)]
    contents = (
        {
            **scheduler,
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {"from": [lab.peer, workers], "ports": comm},
                {"from": [*_platform(settings), *settings.http_from], "ports": http},
            ],
            "egress": [{"to": [workers]}],
        },
        {
            **workers,
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [scheduler, workers]}],
            "egress": [{"to": [workers]}, {"to": [scheduler], "ports": comm}, *settings.egress],
        },
        {
            **_pods(lab.labels),
            "policyTypes": ["Egress"],
            "egress": [{"to": [scheduler], "ports": comm}],
        },
    )
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "labels": labels(spec, settings), "ownerReferences": owned_by(lab)},
            "spec": content,
        }
        for name, content in zip(names.policies(spec.name), contents, strict=True)
        # The chart opens the way out of a service's pods, which are in another namespace.
        if not (lab.namespace and content is contents[-1])
    ]


def _part(spec: PoolSpec, part: str) -> dict[str, str]:
    return {names.CLUSTER: spec.name, names.COMPONENT: part}


def _pods(chosen: dict[str, str]) -> Json:
    return {"podSelector": {"matchLabels": chosen}}


def _platform(settings: ClusterSettings) -> list[Json]:
    name = settings.broker_namespace or settings.namespace
    place = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}
    # No labels of an operator are none there; as a selector they would be every pod of the namespace.
    pods = [settings.broker_labels, *([settings.operator_labels] if settings.operator_labels else [])]
    return [{**place, **_pods(chosen)} for chosen in pods]


def _tcp(port: int) -> Json:
    return {"protocol": "TCP", "port": port}
