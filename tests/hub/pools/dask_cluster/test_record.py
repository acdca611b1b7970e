"""A pool's specification survives its broker."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from uraniborg_hub.pools.dask_cluster import manifest, record
from uraniborg_hub.pools.dask_cluster.lab_pod import read
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.models import Bounds, PoolSpec


def test_what_is_written_is_read(spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    cluster = manifest.cluster(spec, read(lab_pod), ClusterSettings(namespace="labs"))
    assert record.read(cluster) == spec


def test_a_pool_that_followed_its_load_still_does(spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    adapting = replace(spec, adapt=Bounds(minimum=0, maximum=4))
    cluster = manifest.cluster(adapting, read(lab_pod), ClusterSettings(namespace="labs"))
    assert record.read(cluster) == adapting


def test_a_pool_of_an_earlier_version_is_read(spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    cluster = manifest.cluster(spec, read(lab_pod), ClusterSettings(namespace="labs"))
    told = json.loads(cluster["metadata"]["annotations"]["uraniborg/pool"])
    del told["adapt"]
    cluster["metadata"]["annotations"]["uraniborg/pool"] = json.dumps(told)
    assert record.read(cluster) == spec


@pytest.mark.parametrize("annotations", [None, {}, {"uraniborg/pool": "x"}, {"uraniborg/pool": '{"owner": "a"}'}])
def test_what_is_no_pool_of_ours_is_none(annotations: dict[str, str] | None) -> None:
    metadata = {"name": "a", "annotations": annotations}
    assert record.read({"metadata": metadata, "spec": {"worker": {"replicas": 1}}}) is None
