"""Brings the custom resources of the Dask operator to the version that this image holds.

They come out of the wheel of `dask-kubernetes`, so that they always fit the operator, which runs from the same image.
Server-side apply, since they are larger than what `kubectl apply` can note in an annotation.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from cluster_api import ClusterApi, RefusedByCluster

COLLECTION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
INSIDE = "operator/deployment/helm/dask-kubernetes-operator/crds"
"""Where the package keeps them."""

SECONDS = 60
"""How long the API server may take to serve them, seconds."""


def folder() -> Path:
    """Give the folder of the manifests in the installed package, which is not imported.

    Raises
    ------
    FileNotFoundError
        The image holds no Dask operator.
    """
    found = importlib.util.find_spec("dask_kubernetes")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("This image holds no dask-kubernetes. Name the hub's image in hub.image.")
    return Path(found.submodule_search_locations[0]) / INSIDE


def manifests(where: Path) -> dict[str, str]:
    """Give the text of each manifest by the name of its resource.

    Raises
    ------
    FileNotFoundError
        There is none.
    """
    texts = [path.read_text() for path in sorted(where.glob("*.yaml"))]
    if not texts:
        raise FileNotFoundError(f"{where} holds no manifest. The image's dask-kubernetes is not one that we know.")
    return {yaml.safe_load(text)["metadata"]["name"]: text for text in texts}


def established(resource: dict[str, Any] | None) -> bool:
    """Tell whether the API server serves a custom resource."""
    conditions = ((resource or {}).get("status") or {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


def main(api: ClusterApi) -> str:
    """Apply all and wait until they are served; give a sentence that names them."""
    wanted = manifests(folder())
    for name, text in wanted.items():
        api.apply(f"{COLLECTION}/{name}", text)
    until = time.monotonic() + SECONDS
    for name in wanted:
        while not established(api.get(f"{COLLECTION}/{name}")):
            if time.monotonic() > until:
                raise RefusedByCluster(f"{name} is still not served after {SECONDS} s.")
            time.sleep(0.5)
    return f"Served: {', '.join(wanted)}."


if __name__ == "__main__":
    sys.stdout.write(main(ClusterApi.of_this_pod()) + "\n")
