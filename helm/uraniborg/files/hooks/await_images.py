"""Waits until every node of users has the images, so that no user waits for a pull after an upgrade."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from cluster_api import ClusterApi

EVERY = 2.0
"""Seconds between two looks."""


def done(daemon_set: dict[str, Any]) -> bool:
    """Tell whether the newest pods of a DaemonSet are ready on all of its nodes."""
    status = daemon_set.get("status") or {}
    if status.get("observedGeneration", 0) < daemon_set["metadata"]["generation"]:
        return False
    wanted = status.get("desiredNumberScheduled", 0)
    return bool(status.get("updatedNumberScheduled", 0) >= wanted and status.get("numberReady", 0) >= wanted)


def waiting(pods: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Give a line for each image that a pod waits for: node, image, and the kubelet's reason."""
    for pod in pods:
        status = pod.get("status") or {}
        node = (pod.get("spec") or {}).get("nodeName") or "no node"
        for container in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]:
            reason = (container.get("state") or {}).get("waiting") or {}
            if reason and reason.get("reason") != "PodInitializing":
                yield f"{node}: {container['image']}: {reason.get('reason')} {reason.get('message', '')}".strip()


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--daemonset", required=True)
    parser.add_argument("--selector", required=True, help="of its pods")
    parser.add_argument("--seconds", type=float, required=True, help="to wait at most")
    return parser.parse_args(argv)


def main(argv: Sequence[str], api: ClusterApi) -> int:
    """Wait; give 0, or 1 after saying which node has not which image and why."""
    wanted = arguments(argv)
    path = f"/apis/apps/v1/namespaces/{wanted.namespace}/daemonsets/{wanted.daemonset}"
    until = time.monotonic() + wanted.seconds
    while time.monotonic() < until:
        found = api.get(path)
        if found and done(found):
            sys.stdout.write("Every node has the images.\n")
            return 0
        time.sleep(EVERY)
    pods = api.get(f"/api/v1/namespaces/{wanted.namespace}/pods?labelSelector={wanted.selector}") or {}
    lines = "\n".join(waiting(pods.get("items", []))) or "No pod says why."
    sys.stdout.write(
        f"After {wanted.seconds:.0f} s some nodes lack images; nothing was changed.\n{lines}\n"
        "Correct the image, raise prePuller.hook.timeoutSeconds, or set prePuller.hook.enabled to false.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ClusterApi.of_this_pod()))
