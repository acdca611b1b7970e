"""The chart's monitoring, as a real Prometheus reads it: what it is let at, its dashboard, its alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from deployed.images import build_server, push_all
from deployed.platform import RELEASE
from deployed.prometheus import Prometheus, add_kinds
from deployed.prometheus import prometheus as a_prometheus
from deployed.waiting import until

if TYPE_CHECKING:
    from deployed.cluster import Cluster
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SEEN_SECONDS = 60
PARTS = ("serviceMonitor", "alerts", "dashboard")
HUB = f"deployment/{RELEASE}-hub"


@pytest.fixture(scope="module")
def monitored(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """What watches the platform, after a start of a lab that went well and one that failed."""
    cluster, folder = platform.cluster, tmp_path_factory.mktemp("values")
    if cluster.here is None:
        pytest.skip("Pods of another cluster are not reached from this machine.")
    add_kinds(cluster)
    image = push_all({"prometheus": build_server(cluster, "prometheus")}, cluster.registry)["prometheus"]
    try:
        platform.install(folder, {"monitoring": {part: {"enabled": True} for part in PARTS}})
        with a_prometheus(cluster, image, platform.namespace, f"{RELEASE}-secrets") as found:
            until(lambda: set(found.targets().values()) == {"up"}, SEEN_SECONDS, "All targets are read")
            person = platform.sign_in("caroline")
            person.have_lab()
            platform.end_lab(person)
            with no_more_pods(platform):
                assert person.start_lab()[-1].get("failed")
            yield found
    finally:
        platform.install(folder)


@contextmanager
def no_more_pods(platform: Platform) -> Iterator[None]:
    """Let no lab start, as long as the block runs."""
    quota = ("quota", "nothing", "-n", platform.labs)
    platform.cluster.kubectl("create", *quota, "--hard=pods=0")
    try:
        yield
    finally:
        platform.cluster.kubectl("delete", *quota)


def panels(cluster: Cluster, namespace: str) -> dict[str, str]:
    """Give what the dashboard on the cluster asks Prometheus for, by panel and query."""
    (config,) = cluster.objects("configmaps", namespace, "grafana_dashboard=1")
    (text,) = config["data"].values()
    return {
        f"{panel['title']}, {target['legendFormat']}": target["expr"]
        for panel in json.loads(text)["panels"]
        for target in panel["targets"]
    }


def test_hub_and_proxy_are_read_and_labs_are_not(monitored: Prometheus) -> None:
    assert {urlsplit(address).path for address in monitored.targets()} == {"/hub/metrics", "/metrics"}


def test_every_panel_shows_something(monitored: Prometheus, platform: Platform) -> None:
    asked = panels(platform.cluster, platform.namespace)

    def empty() -> dict[str, list[float]]:
        shown = {name: monitored.values(expression) for name, expression in asked.items()}
        return {name: values for name, values in shown.items() if not any(map(isfinite, values))}

    until(lambda: not empty(), SEEN_SECONDS, "Every panel shows a number")
    assert len(asked) > len(PARTS)


def test_nothing_is_wrong_until_the_hub_is_away(monitored: Prometheus, platform: Platform) -> None:
    names = {"UraniborgHubDown", "UraniborgHubSlow", "UraniborgLabsFailToStart"}
    until(lambda: set(monitored.alerts()) == names, SEEN_SECONDS, "The alerts are watched")
    assert monitored.alerts()["UraniborgHubDown"] == "inactive"
    where = ("-n", platform.namespace)
    platform.cluster.kubectl("scale", HUB, *where, "--replicas=0")
    try:
        until(lambda: monitored.alerts()["UraniborgHubDown"] == "pending", SEEN_SECONDS, "The hub is missed")
    finally:
        platform.cluster.kubectl("scale", HUB, *where, "--replicas=1")
    until(lambda: monitored.alerts()["UraniborgHubDown"] == "inactive", SEEN_SECONDS, "The hub is back")
    assert monitored.alerts()["UraniborgHubSlow"] == "inactive"
