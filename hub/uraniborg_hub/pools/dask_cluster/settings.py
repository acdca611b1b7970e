"""Settings of pools on a cluster: `[pools.kubernetes]`, whose presence makes pools DaskClusters."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

DNS: dict[str, Any] = {
    "to": [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ],
    # Some DNS pods listen on 1053, and a policy sees the pod's port.
    "ports": [{"protocol": protocol, "port": port} for protocol in ("UDP", "TCP") for port in (53, 1053)],
}
"""Where names are resolved, as an egress rule of a NetworkPolicy."""


class ClusterSettings(BaseModel, frozen=True, extra="forbid"):
    """What an operator says about the cluster on which pools run."""

    namespace: str
    """Where labs and pools live; the broker acts in no other."""
    service_account: str = "default"
    """Of schedulers and workers; its token is never mounted."""
    labels: dict[str, str] = {}
    """Put on every object of a pool, besides those that tell whose it is."""
    lab_labels: dict[str, str] = {"app.kubernetes.io/component": "lab"}
    """What marks the pod of a lab."""
    broker_namespace: str | None = None
    """Where the pods of broker and operator are; None: with the labs."""
    broker_labels: dict[str, str] = {"app.kubernetes.io/component": "pools"}
    """What marks the broker's pod, which asks schedulers on 8787."""
    operator_labels: dict[str, str] = {"app.kubernetes.io/component": "operator"}
    """What marks the operator's pod, which may ask them too; empty where it is in another namespace (`http_from`)."""
    http_from: list[dict[str, Any]] = []
    """Who else may ask schedulers on 8787, as peers of a NetworkPolicy: a monitoring system."""
    network_policies: bool = True
    """Whether each pool gets policies. Labs then have a default deny of their own, which each pool opens a little."""
    egress: list[dict[str, Any]] = [DNS]
    """What labs may reach, as the egress rules of their NetworkPolicy: workers get the same."""
    pull_policy: str = "IfNotPresent"
    pull_secrets: list[str] = []
    node_selector: dict[str, str] = {}
    tolerations: list[dict[str, Any]] = []
    priority_class: str = ""
    cpu_request: float = Field(0.1, ge=0)
    """CPUs that each thread of a worker is promised."""
    cpu_limit: float = Field(1.0, gt=0)
    """CPUs that each thread of a worker gets at most."""
    memory_request: float = Field(1.0, gt=0, le=1)
    """The part of its memory that a worker is promised; less than 1 lets a node be promised more than it has."""
    scheduler_cpu: float = Field(1.0, gt=0)
    """CPUs of a pool's scheduler at most; it is promised `cpu_request`."""
    scheduler_memory: str = "2Gi"
    """Memory of a pool's scheduler at most."""
    scheduler_memory_request: str = "256Mi"
    scratch: str = "16Gi"
    """Disk of each worker for what does not fit into its memory."""
    nanny: bool = False
    """Whether a nanny watches each worker: a second process that restarts it at 95 % of its memory."""
    sweep_seconds: float = Field(30, gt=0)
    """How often what pools left behind is looked for, seconds."""
