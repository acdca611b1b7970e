"""A lab's pod as KubeSpawner makes it, and a pool for it."""

from __future__ import annotations

from typing import Any

import pytest

from uraniborg_hub.pools.models import PoolSpec

DIGEST = "sha256:" + "5c" * 32


@pytest.fixture
def spec() -> PoolSpec:
    return PoolSpec(
        name="tycho-abcdefgh",
        owner="Tycho Brahe",
        workers=4,
        threads=2,
        memory=2**30,
        dashboard_path="/services/pools/tycho-abcdefgh",
        idle_seconds=1800.0,
        lab="",
    )


@pytest.fixture
def lab_pod() -> dict[str, Any]:
    """What the API server says of a lab that runs."""
    return {
        "metadata": {
            "name": "jupyter-tycho-brahe---1a2b3c4d",
            "uid": "0b7a4a0e-7d0a-4a7e-9a43-2b6a1f5d9c11",
            "creationTimestamp": "2026-11-21T18:00:00Z",
            "annotations": {"hub.jupyter.org/username": "Tycho Brahe"},
            "labels": {
                "app.kubernetes.io/name": "uraniborg",
                "app.kubernetes.io/instance": "uraniborg",
                "app.kubernetes.io/component": "lab",
                "app.kubernetes.io/managed-by": "kubespawner",
                "hub.jupyter.org/username": "tycho-brahe---1a2b3c4d",
                "hub.jupyter.org/servername": "",
            },
        },
        "spec": {
            "securityContext": {"runAsUser": 1000, "fsGroup": 100, "runAsNonRoot": True},
            "containers": [
                {"name": "sidecar", "image": "other:1"},
                {
                    "name": "notebook",
                    "image": "uraniborg.test/lab:1",
                    "env": [
                        {"name": "JUPYTERHUB_API_TOKEN", "value": "secret"},
                        {"name": "JPY_API_TOKEN", "value": "secret"},
                        {"name": "JUPYTERHUB_SERVICE_PREFIX", "value": "/user/tycho/"},
                        {"name": "MEM_LIMIT", "value": "2147483648"},
                        {"name": "HOME", "value": "/home/tycho"},
                        {"name": "DASK_SCHEDULER_ADDRESS", "value": "tcp://evil:1"},
                        {"name": "OMP_NUM_THREADS", "value": "8"},
                        {"name": "SITE_TOKEN", "valueFrom": {"secretKeyRef": {"name": "site", "key": "token"}}},
                        {"name": "URANIBORG_DATA_MIRROR", "value": "/data"},
                    ],
                    "volumeMounts": [
                        {"name": "home", "mountPath": "/home/tycho", "subPath": "tycho"},
                        {"name": "catalogs", "mountPath": "/catalogs", "readOnly": True},
                        {"name": "mine", "mountPath": "/secret", "readOnly": True},
                        {"name": "token", "mountPath": "/var/run/secrets/x", "readOnly": True},
                    ],
                },
            ],
            "volumes": [
                {"name": "home", "persistentVolumeClaim": {"claimName": "homes"}},
                {"name": "catalogs", "persistentVolumeClaim": {"claimName": "catalogs", "readOnly": True}},
                {"name": "mine", "secret": {"secretName": "mine"}},
                {"name": "token", "projected": {"sources": []}},
            ],
        },
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": "sidecar", "imageID": "other@sha256:00"},
                {"name": "notebook", "imageID": f"uraniborg.test/lab@{DIGEST}"},
            ],
        },
    }
