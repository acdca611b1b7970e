"""A node dies with labs on it, as in a power cut: what their users see, and how they go on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from deployed.platform import PARTS
from deployed.waiting import until
from recipe import cluster as recipe

if TYPE_CHECKING:
    from deployed.cluster import Cluster
    from deployed.figures import Figures
    from deployed.person import Person
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SEEN_SECONDS = 60
GONE_SECONDS = 60
WRITE = "open('observed.txt', 'w').write('Mars at dawn')"
READ = "print(open('observed.txt').read())"


@contextmanager
def only_on(cluster: Cluster, node: str) -> Iterator[None]:
    """Have new pods started on one node."""
    others = [
        each["metadata"]["name"] for each in cluster.objects("nodes", "default") if each["metadata"]["name"] != node
    ]
    cluster.kubectl("cordon", *others)
    try:
        yield
    finally:
        cluster.kubectl("uncordon", *others)


def node_of(platform: Platform, person: Person) -> str:
    """Where a user's lab runs."""
    return str(platform.lab_pods(person.name)[0]["spec"]["nodeName"])


def places(platform: Platform) -> dict[str, str]:
    """Which node each part of the platform runs on."""
    return {part: pod["spec"].get("nodeName", "none") for part in PARTS for pod in platform.pods(part)}


def gather(platform: Platform, node: str) -> None:
    """Have the platform's own pods on one node."""
    with only_on(platform.cluster, node):
        for part in PARTS:
            for pod in platform.pods(part):
                if pod["spec"]["nodeName"] != node:
                    where = ("-n", platform.namespace, pod["metadata"]["name"])
                    platform.cluster.kubectl("delete", "pod", *where, "--wait")
        until(platform.is_ready, 240, "The platform is ready on one node")


def node_ready(cluster: Cluster, node: str) -> bool:
    """Whether the cluster takes a node for alive."""
    found = json.loads(cluster.kubectl("get", "node", node, "-o", "json"))
    return any(each["type"] == "Ready" and each["status"] == "True" for each in found["status"]["conditions"])


def told_down(person: Person) -> bool:
    """Whether the page of the lab says that the lab is down and what to do."""
    page = person.browser.get(f"user/{person.name}/lab", timeout=10)
    return page.status_code in (424, 503) and "your server appears to be down" in page.text.lower()


def test_users_of_a_dead_node_see_it_and_go_on_elsewhere(platform: Platform, figures: Figures) -> None:
    cluster = platform.cluster
    if cluster.here is None:
        pytest.skip("only the recipe's own nodes are killed")
    gather(platform, "node1")
    figures.say("on node1, which lives", ", ".join(places(platform)))
    resolvers = cluster.objects("pods", "kube-system", "k8s-app=kube-dns")
    figures.say("names are resolved on", ", ".join(sorted(pod["spec"]["nodeName"] for pod in resolvers)))
    tycho, kepler = platform.sign_in("tycho"), platform.sign_in("kepler")
    with only_on(cluster, "node2"):
        tycho.have_lab()
    with only_on(cluster, "node1"):
        kepler.have_lab()
    assert (node_of(platform, tycho), node_of(platform, kepler)) == ("node2", "node1")
    assert tycho.run(WRITE).error == ""
    assert tycho.browser.get(f"user/{tycho.name}/lab").status_code == 200
    kernel = kepler.kernel()
    kepler.run("kept = 1572", kernel=kernel)
    recipe.lose_node(cluster.here, 2)
    began = time.monotonic()
    try:
        until(lambda: told_down(tycho), SEEN_SECONDS, "The user is told")
        figures.say("seconds until the lab's page said that it is down", time.monotonic() - began)
        until(lambda: not node_ready(cluster, "node2"), 120, "The node counts as dead")
        figures.say("seconds until the node counted as dead", time.monotonic() - began)
        stopped = time.monotonic()
        tycho.stop_lab()
        until(lambda: not platform.lab_pods(tycho.name), GONE_SECONDS, "The dead pod is gone")
        figures.say("seconds from the user's stop to the pod's end by force", time.monotonic() - stopped)
        until(lambda: not tycho.ask("GET", f"hub/api/users/{tycho.name}").json()["servers"], 30, "The hub knows")
        restarted = time.monotonic()
        tycho.have_lab()
        figures.say("seconds until the lab ran on the other node", time.monotonic() - restarted)
        assert node_of(platform, tycho) == "node1"
        assert tycho.run(READ).text == "Mars at dawn\n"
        assert kepler.run("kept", kernel=kernel).value == "1572"
    finally:
        recipe.return_node(cluster.here, 2)
    until(lambda: node_ready(cluster, "node2"), 120, "The node is back")
    until(platform.is_ready, 120, "The platform is ready")
    assert len(platform.lab_pods(tycho.name)) == 1
    rothmann = platform.sign_in("rothmann")
    with only_on(cluster, "node2"):
        rothmann.have_lab()
    assert rothmann.run("6 * 7").value == "42"
    for person in (tycho, kepler, rothmann):
        person.stop_lab()
