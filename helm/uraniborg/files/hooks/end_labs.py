"""Ends pools and labs before an uninstall, while the operator that finishes pools still runs.

A pool whose operator does not answer loses its finalizer, so that nothing keeps the namespace from being removed.
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


def names(found: dict[str, Any] | None) -> list[str]:
    """Give the names in a list of objects; none where the cluster does not know their kind."""
    return [item["metadata"]["name"] for item in (found or {}).get("items", [])]


def end_pools(api: ClusterApi, namespace: str, seconds: float) -> int:
    """Remove everything of Dask; give how many objects had to lose their finalizers."""
    paths = [DASK.format(namespace=namespace, kind=kind) for kind in KINDS]
    for path in paths:
        for name in names(api.get(path)):
            api.delete(f"{path}/{name}")
    _wait(api, paths, seconds)
    left = [f"{path}/{name}" for path in paths for name in names(api.get(path))]
    for each in left:
        api.merge(each, {"metadata": {"finalizers": None}})
    return len(left)


def end_labs(api: ClusterApi, namespace: str, selector: str, seconds: float) -> None:
    """Remove the pods that `selector` names, and wait until they are gone or the time is over."""
    pods = f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}"
    for name in names(api.get(pods)):
        api.delete(f"/api/v1/namespaces/{namespace}/pods/{name}")
    _wait(api, [pods], seconds)


def _wait(api: ClusterApi, paths: Sequence[str], seconds: float) -> None:
    until = time.monotonic() + seconds
    while any(names(api.get(path)) for path in paths) and time.monotonic() < until:
        time.sleep(EVERY)


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--selector", required=True, help="of labs, as the API server reads it")
    parser.add_argument("--seconds", type=float, default=45, help="to wait for each of both")
    return parser.parse_args(argv)


def main(argv: Sequence[str], api: ClusterApi) -> str:
    """End all and give a sentence that says what was needed."""
    wanted = arguments(argv)
    try:
        forced = end_pools(api, wanted.namespace, wanted.seconds)
        end_labs(api, wanted.namespace, wanted.selector, wanted.seconds)
    except Forbidden as error:
        # The permission is an object of the release: where it is missing, so is the hub that could have started a lab.
        return f"Nothing to end: this install did not come as far as {wanted.namespace} ({error})."
    return f"Pools and labs of {wanted.namespace} are ended; {forced} needed force. Homes are kept."


if __name__ == "__main__":
    sys.stdout.write(main(sys.argv[1:], ClusterApi.of_this_pod()) + "\n")
