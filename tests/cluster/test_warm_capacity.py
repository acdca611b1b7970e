"""Placeholders hold room for labs on a cluster that is otherwise full, and give it up at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from deployed import faults
from deployed.waiting import until

if TYPE_CHECKING:
    from deployed.cluster import Cluster
    from deployed.figures import Figures
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SIZE = 400
"""Thousandths of a CPU that a lab and a placeholder keep."""
STANDING = "uraniborg/standing=portal"
SETTLED_SECONDS = 120
BACK_SECONDS = 60


def thousandths(quantity: str) -> int:
    """Read a quantity of CPU."""
    return int(quantity.removesuffix("m")) if quantity.endswith("m") else int(float(quantity) * 1000)


def reserved(pod: dict[str, Any]) -> int:
    """Give the CPU that a pod keeps from others."""
    requests = [each["resources"].get("requests", {}) for each in pod["spec"]["containers"]]
    return sum(thousandths(each.get("cpu", "0")) for each in requests)


def free(cluster: Cluster) -> list[int]:
    """Give the CPU of each node that no pod has reserved."""
    pods = json.loads(cluster.kubectl("get", "pods", "--all-namespaces", "-o", "json"))["items"]
    running = [pod for pod in pods if pod["status"]["phase"] in ("Pending", "Running")]
    return [
        thousandths(node["status"]["allocatable"]["cpu"])
        - sum(reserved(pod) for pod in running if pod["spec"].get("nodeName") == node["metadata"]["name"])
        for node in cluster.objects("nodes", "default")
    ]


def is_settled(platform: Platform) -> bool:
    """Whether all is there that the platform keeps running, the workers of the portal's jobs too."""
    workers = platform.cluster.objects("pods", platform.labs, STANDING)
    return platform.is_ready() and len(workers) > 1 and all(map(faults.ready, workers))


@pytest.fixture
def full(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform on a cluster whose room for labs is held by placeholders of a lab's size."""
    cluster, folder = platform.cluster, tmp_path_factory.mktemp("values")
    if cluster.here is None:
        pytest.skip("A cluster that is not this machine's own is not filled.")
    cpu = f"{SIZE}m"
    labs = {"singleuser": {"cpu": {"guarantee": cpu, "limit": cpu}}}
    try:
        platform.install(folder, labs)
        until(lambda: is_settled(platform), SETTLED_SECONDS, "The platform is settled")
        placeholder = {
            "enabled": True,
            "replicas": sum(room // SIZE for room in free(cluster)),
            "resources": {"requests": {"cpu": cpu, "memory": "16Mi"}, "limits": {"cpu": cpu, "memory": "64Mi"}},
        }
        scheduling = {"podPriority": {"enabled": True}, "userPlaceholder": placeholder}
        platform.install(folder, labs | {"scheduling": scheduling})
        yield platform
    finally:
        platform.install(folder)


def placeholders(platform: Platform) -> set[str]:
    """The placeholders that hold room."""
    return {pod["metadata"]["uid"] for pod in platform.pods("placeholder") if faults.ready(pod)}


def test_a_lab_takes_the_room_of_a_placeholder_and_gives_it_back(full: Platform, figures: Figures) -> None:
    person, before = full.sign_in("messier"), placeholders(full)
    assert before
    began = time.monotonic()
    person.have_lab()
    figures.say("s until a lab answers in a placeholder's room", time.monotonic() - began)
    assert len(before - placeholders(full)) == 1
    full.end_lab(person)
    back = until(lambda: len(placeholders(full)) == len(before), BACK_SECONDS, "A placeholder holds the room again")
    figures.say("s until its room is held again", back)
