"""Small volumes that a test can fill: a file system in memory, on the machine of the recipe's cluster."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deployed.cluster import Cluster


def objects(name: str, namespace: str, folder: Path, megabytes: int) -> dict[str, Any]:
    """Give a volume in a folder and the claim that it is kept for."""
    common: dict[str, Any] = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
    size = f"{megabytes}Mi"
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": f"{namespace}-{name}"},
        "spec": {
            **common,
            "capacity": {"storage": size},
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(folder)},
            "claimRef": {"namespace": namespace, "name": name},
        },
    }
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {**common, "resources": {"requests": {"storage": size}}, "volumeName": f"{namespace}-{name}"},
    }
    return {"apiVersion": "v1", "kind": "List", "items": [volume, claim]}


@contextmanager
def small(cluster: Cluster, name: str, namespace: str, megabytes: int) -> Iterator[Path]:
    """Give the folder of a claim with so much room, that both nodes can mount; it ends with the block."""
    assert cluster.here is not None
    folder = cluster.here.state / f"small-{name}"
    folder.mkdir(parents=True, exist_ok=True)
    mount = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder))
    subprocess.run(mount, check=True)
    try:
        cluster.kubectl("apply", "-f", "-", text=json.dumps(objects(name, namespace, folder, megabytes)))
        yield folder
    finally:
        gone = ("--ignore-not-found", "--wait=false")
        cluster.kubectl("delete", "persistentvolumeclaim", name, "-n", namespace, *gone)
        cluster.kubectl("delete", "persistentvolume", f"{namespace}-{name}", *gone)
        subprocess.run(("umount", "--lazy", str(folder)), check=True)
