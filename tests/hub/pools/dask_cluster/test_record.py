"""A pool's specification survives its broker."""

from __future__ import annotations

from typing import Any

import pytest

from uraniborg_hub.pools.dask_cluster import manifest, record
from uraniborg_hub.pools.dask_cluster.lab_pod import read
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.models import PoolSpec


def test_what_is_written_is_read(spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    cluster = manifest.cluster(spec, read(lab_pod), ClusterSettings(namespace="labs"))
    assert record.read(cluster) == spec


@pytest.mark.parametrize("annotations", [None, {}, {"uraniborg/pool": "x"}, {"uraniborg/pool": '{"owner": "a"}'}])
def test_what_is_no_pool_of_ours_is_none(annotations: dict[str, str] | None) -> None:
    metadata = {"name": "a", "annotations": annotations}
    assert record.read({"metadata": metadata, "spec": {"worker": {"replicas": 1}}}) is None
