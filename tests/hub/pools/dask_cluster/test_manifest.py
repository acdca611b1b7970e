"""The objects of a pool, whole, as files that a reviewer reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from uraniborg_hub.pools.dask_cluster import certificates, manifest
from uraniborg_hub.pools.dask_cluster.lab_pod import read
from uraniborg_hub.pools.dask_cluster.policies import policies
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings
from uraniborg_hub.pools.models import PoolSpec

CASES = {
    "defaults": ClusterSettings(namespace="labs"),
    "site": ClusterSettings(
        namespace="labs",
        service_account="uraniborg-worker",
        labels={"app.kubernetes.io/name": "uraniborg", "app.kubernetes.io/instance": "uraniborg"},
        broker_namespace="uraniborg",
        egress=[{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]}],
        pull_secrets=["registry"],
        node_selector={"pool": "workers"},
        tolerations=[{"key": "workers", "operator": "Exists"}],
        priority_class="workers",
        cpu_request=0.5,
        memory_request=0.5,
        nanny=True,
    ),
}


def expected(case: str, kind: str) -> object:
    return yaml.safe_load((Path(__file__).with_name("manifests") / f"{case}.{kind}.yaml").read_text())


@pytest.mark.parametrize("case", CASES)
def test_the_dask_cluster_of_a_pool(case: str, spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    assert manifest.cluster(spec, read(lab_pod), CASES[case]) == expected(case, "cluster")


@pytest.mark.parametrize("case", CASES)
def test_the_policies_of_a_pool(case: str, spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    assert policies(spec, read(lab_pod), CASES[case]) == expected(case, "policies")


def test_a_cluster_without_policies_gets_none(spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    settings = ClusterSettings(namespace="labs", network_policies=False)
    assert policies(spec, read(lab_pod), settings) == []


def test_an_operator_elsewhere_opens_no_scheduler_to_other_pods(spec: PoolSpec, lab_pod: dict[str, Any]) -> None:
    scheduler, *_ = policies(spec, read(lab_pod), ClusterSettings(namespace="labs", operator_labels={}))
    asking = scheduler["spec"]["ingress"][1]["from"]
    assert [each["podSelector"]["matchLabels"] for each in asking] == [{"app.kubernetes.io/component": "pools"}]


def test_the_secret_dies_with_the_lab_and_holds_no_key_of_the_authority(
    spec: PoolSpec, lab_pod: dict[str, Any]
) -> None:
    pems = certificates.make(spec.name)
    secret = manifest.secret(spec, read(lab_pod), pems, CASES["defaults"])
    assert secret["metadata"]["name"] == "tycho-abcdefgh-tls"
    assert secret["metadata"]["ownerReferences"][0]["uid"] == lab_pod["metadata"]["uid"]
    assert sorted(secret["data"]) == [
        "ca.crt", "client.crt", "client.key", "scheduler.crt", "scheduler.key", "worker.crt", "worker.key",
    ]  # fmt: skip
    assert certificates.client(secret["data"]).key == pems["client.key"]
