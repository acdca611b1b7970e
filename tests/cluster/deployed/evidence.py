"""What is kept of a failure: objects, events and logs of all pods."""

from __future__ import annotations

from pathlib import Path

from deployed.cluster import Cluster

KINDS = "all,configmaps,networkpolicies,persistentvolumeclaims,daskclusters,events"


def keep(cluster: Cluster, namespaces: list[str], folder: Path) -> Path:
    """Write what can be known of some namespaces into files of a folder, and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "nodes.txt", cluster, "describe", "nodes")
    for namespace in namespaces:
        where = ("-n", namespace)
        _write(folder / f"{namespace}.events.txt", cluster, "get", "events", *where, "--sort-by=.lastTimestamp")
        _write(folder / f"{namespace}.objects.txt", cluster, "get", KINDS, *where, "-o", "wide")
        _write(folder / f"{namespace}.pods.txt", cluster, "describe", "pods", *where)
        for pod in cluster.try_kubectl("get", "pods", *where, "-o", "name").stdout.split():
            name = pod.removeprefix("pod/")
            logs = ("logs", *where, name, "--all-containers", "--prefix", "--timestamps")
            _write(folder / f"{namespace}.{name}.log", cluster, *logs)
            _write(folder / f"{namespace}.{name}.previous.log", cluster, *logs, "--previous")
    return folder


def _write(file: Path, cluster: Cluster, *arguments: str) -> None:
    done = cluster.try_kubectl(*arguments)
    if done.stdout:
        file.write_text(done.stdout)
