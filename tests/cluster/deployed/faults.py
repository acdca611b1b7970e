"""How the tests break a part of the platform: as a crash, a power cut or a careless administrator does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deployed.cluster import Cluster

KILL_ALL = """
import os, signal
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (1, os.getpid()):
        os.kill(int(name), signal.SIGKILL)
"""
"""Ends what runs in a container; the first process, tini, then ends by itself, and the kubelet starts it again."""


def crash(cluster: Cluster, pod: dict[str, Any]) -> None:
    """End a container's program at once; it starts again in the same pod."""
    # It may take along the connection that tells how it went.
    cluster.execute(pod["metadata"]["namespace"], pod["metadata"]["name"], "python3", "-c", KILL_ALL)


def kill(cluster: Cluster, *pods: dict[str, Any]) -> None:
    """Remove pods at once, without a word to what runs in them."""
    for pod in pods:
        where = pod["metadata"]
        force = ("--grace-period=0", "--force", "--wait=false")
        cluster.kubectl("delete", "pod", "-n", where["namespace"], where["name"], *force)


def end(cluster: Cluster, pod: dict[str, Any]) -> None:
    """Ask a pod to end, as a drain and an upgrade do; it may take its time."""
    where = pod["metadata"]
    cluster.kubectl("delete", "pod", "-n", where["namespace"], where["name"], "--wait=false")


WAYS: dict[str, Callable[[Cluster, dict[str, Any]], None]] = {"program crashes": crash, "pod is killed": kill}
"""How a part of the platform dies: by itself, or by its machine's hand. The second is asked to end, a second before."""


def ready(pod: dict[str, Any]) -> bool:
    """Whether a pod answers and is not about to end."""
    conditions = {each["type"]: each["status"] for each in pod["status"].get("conditions", ())}
    return conditions.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]
