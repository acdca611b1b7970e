"""Ends pools and labs before an uninstall, while the operator that finishes pools still runs.

The broker goes first: it would make the pool of the portal's jobs anew. A pool whose operator does not answer loses its
finalizer, so that nothing keeps the namespace from being removed.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

from cluster_api import ClusterApi, Forbidden

DASK = "/apis/kubernetes.dask.org/v1/namespaces/{namespace}/{kind}"
KINDS = ("daskautoscalers", "daskjobs", "daskclusters", "daskworkergroups")
"""In this order: what makes others goes first."""

EVERY = 1.0
"""Seconds between two looks."""
QUIET = 5
"""So many looks in a row find no pool: a broker that is being stopped may make one more."""


def names(found: dict[str, Any] | None) -> list[str]:
    """Give the names in a list of objects; none where the cluster does not know their kind."""
    return [item["metadata"]["name"] for item in (found or {}).get("items", [])]


def end_pools(api: ClusterApi, namespace: str, seconds: float) -> int:
    """Remove everything of Dask; give how many objects had to lose their finalizers."""
    until, quiet = time.monotonic() + seconds, 0
    while quiet < QUIET and time.monotonic() < until:
        found = _pools(api, namespace)
        for each in found:
            api.delete(each)
        quiet = 0 if found else quiet + 1
        time.sleep(EVERY)
    left = _pools(api, namespace)
    for each in left:
        api.merge(each, {"metadata": {"finalizers": None}})
    return len(left)


def _pools(api: ClusterApi, namespace: str) -> list[str]:
    paths = [DASK.format(namespace=namespace, kind=kind) for kind in KINDS]
    return [f"{path}/{name}" for path in paths for name in names(api.get(path))]


def stop(api: ClusterApi, namespace: str, deployment: str) -> None:
    """Leave a Deployment without pods."""
    api.merge(f"/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}", {"spec": {"replicas": 0}})


def end_labs(api: ClusterApi, namespace: str, selector: str, seconds: float) -> None:
    """Remove the pods that `selector` names, and wait until they are gone or the time is over."""
    pods = f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}"
    for name in names(api.get(pods)):
        api.delete(f"/api/v1/namespaces/{namespace}/pods/{name}")
    until = time.monotonic() + seconds
    while names(api.get(pods)) and time.monotonic() < until:
        time.sleep(EVERY)


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--broker", required=True, help="namespace and name of its Deployment, with a slash between")
    parser.add_argument("--selector", required=True, help="of labs, as the API server reads it")
    parser.add_argument("--seconds", type=float, default=45, help="to wait for each of both")
    return parser.parse_args(argv)


def main(argv: Sequence[str], api: ClusterApi) -> str:
    """End all and give a sentence that says what was needed."""
    wanted = arguments(argv)
    try:
        stop(api, *wanted.broker.split("/"))
        forced = end_pools(api, wanted.namespace, wanted.seconds)
        end_labs(api, wanted.namespace, wanted.selector, wanted.seconds)
    except Forbidden as error:
        # The permission is an object of the release: where it is missing, so is the hub that could have started a lab.
        return f"Nothing to end: this install did not come as far as {wanted.namespace} ({error})."
    return f"Pools and labs of {wanted.namespace} are ended; {forced} needed force. Homes are kept."


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:], ClusterApi.of_this_pod()) + "\n")
