"""The NetworkPolicies: nothing by default, and each way in has a way out at the other end."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Manifest, Render

LABS = "science-labs"
CORE = "science"


@dataclass(frozen=True)
class Place:
    """A pod as policies see it."""

    namespace: str
    component: str
    standing: str = ""

    @property
    def labels(self) -> dict[str, str]:
        """Its labels."""
        return {
            "app.kubernetes.io/name": "uraniborg",
            "app.kubernetes.io/instance": "uraniborg",
            "app.kubernetes.io/component": self.component,
            "uraniborg/standing": self.standing,
        }


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a selector of the kinds that the chart uses selects labels."""
    expressions = selector.get("matchExpressions", [])
    assert all(each["operator"] == "In" for each in expressions)
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(each["key"]) in each["values"] for each in expressions
    )


def covers(peers: list[dict[str, Any]] | None, other: Place, home: str) -> bool:
    """Whether the peers of a rule hold a pod; no peers are everyone."""
    if peers is None:
        return True
    for peer in peers:
        if "ipBlock" in peer:
            continue
        inside = other.namespace == home
        if "namespaceSelector" in peer:
            inside = selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": other.namespace})
        if inside and selects(peer.get("podSelector", {}), other.labels):
            return True
    return False


def allows(policies: list[Manifest], direction: str, own: Place, other: Place, port: int) -> bool:
    """Whether the policies of a pod let a connection pass in one direction."""
    side = "from" if direction == "ingress" else "to"
    for policy in policies:
        spec, home = policy["spec"], policy["metadata"]["namespace"]
        if home != own.namespace or not selects(spec["podSelector"], own.labels):
            continue
        for rule in spec.get(direction, []):
            ports = rule.get("ports")
            if (ports is None or any(each["port"] == port for each in ports)) and covers(rule.get(side), other, home):
                return True
    return False


def policies(manifests: list[Manifest]) -> list[Manifest]:
    """The policies among manifests."""
    return [each for each in manifests if each["kind"] == "NetworkPolicy"]


def core(component: str) -> Place:
    """A pod of the release's namespace."""
    return Place(CORE, component)


def labs(component: str) -> Place:
    """A pod of the labs' namespace."""
    return Place(LABS, component)


OPEN = [
    (core("proxy"), core("hub"), 8081),
    (core("proxy"), core("portal"), 8000),
    (core("proxy"), core("pools"), 8000),
    (core("proxy"), labs("lab"), 8888),
    (core("hub"), core("proxy"), 8001),
    (core("hub"), labs("lab"), 8888),
    (core("hub"), core("postgresql"), 5432),
    (core("portal"), core("postgresql"), 5432),
    (core("portal"), core("hub"), 8081),
    (core("pools"), core("hub"), 8081),
    (core("portal"), core("pools"), 8000),
    (core("cull"), core("hub"), 8081),
    (core("test"), core("proxy"), 8000),
    (labs("lab"), core("hub"), 8081),
    (labs("lab"), core("proxy"), 8000),
    (labs("lab"), core("portal"), 8000),
    (labs("lab"), core("pools"), 8000),
]
CLOSED = [
    (labs("lab"), labs("lab"), 8888),
    (labs("lab"), labs("scheduler"), 8786),
    (labs("lab"), labs("scheduler"), 8787),
    (labs("worker"), labs("lab"), 8888),
    (labs("lab"), core("postgresql"), 5432),
    (labs("lab"), core("proxy"), 8001),
    (core("portal"), core("proxy"), 8001),
    (core("operator"), labs("scheduler"), 8786),
    (core("pools"), labs("scheduler"), 8786),
    (core("portal"), labs("scheduler"), 8787),
    (core("hub"), labs("scheduler"), 8787),
    (core("cull"), core("postgresql"), 5432),
    (core("pull"), core("hub"), 8081),
]


@pytest.mark.parametrize(("source", "target", "port"), OPEN)
def test_what_belongs_together_connects(render: Render, source: Place, target: Place, port: int) -> None:
    found = policies(render())
    assert allows(found, "egress", source, target, port)
    assert allows(found, "ingress", target, source, port)


@pytest.mark.parametrize(("source", "target", "port"), CLOSED)
def test_nothing_else_connects(render: Render, source: Place, target: Place, port: int) -> None:
    found = policies(render())
    assert not (allows(found, "egress", source, target, port) and allows(found, "ingress", target, source, port))


def test_the_portal_reaches_the_scheduler_of_its_jobs_and_no_other(render: Render) -> None:
    own = Place(LABS, "scheduler", standing="portal")
    for values, opened in (({}, True), ({"portal": {"jobs": {"compute": "processes"}}}, False)):
        found = policies(render(values))
        assert allows(found, "egress", core("portal"), own, 8786) is opened
        assert not allows(found, "egress", core("portal"), own, 8787)
        assert not allows(found, "egress", core("portal"), labs("scheduler"), 8786)
        assert not allows(found, "egress", labs("lab"), own, 8786)


def test_the_broker_opens_schedulers_to_itself_and_to_the_operator_of_the_chart(render: Render) -> None:
    for enabled in (True, False):
        found = render({"operator": {"enabled": enabled}})
        (text,) = (
            each["data"]["uraniborg.toml"]
            for each in found
            if each["kind"] == "ConfigMap" and each["metadata"]["name"] == "uraniborg-pools"
        )
        table = tomllib.loads(text)["pools"]["kubernetes"]
        assert table["broker_namespace"] == CORE
        assert table["broker_labels"].items() <= core("pools").labels.items()
        assert bool(table["operator_labels"]) is enabled
        assert table["operator_labels"].items() <= core("operator").labels.items()


def test_everything_is_closed_by_default(manifests: list[Manifest]) -> None:
    found = {
        each["metadata"]["namespace"]: each
        for each in policies(manifests)
        if each["metadata"]["name"] == "uraniborg-deny"
    }
    for namespace, selector in ((LABS, {}), (CORE, {"app.kubernetes.io/instance": "uraniborg"})):
        spec = found[namespace]["spec"]
        assert spec["podSelector"].get("matchLabels", {}).items() >= selector.items()
        assert spec["policyTypes"] == ["Ingress", "Egress"]
        assert "ingress" not in spec
        assert "egress" not in spec


def test_labs_reach_the_internet_without_private_ranges(render: Render) -> None:
    values = {"networkPolicy": {"clusterRanges": ["240.0.0.0/8"], "apiServer": {"cidrs": ["203.0.113.10/32"]}}}
    blocks = internet(render(values))
    excepted = blocks["0.0.0.0/0"]
    assert {"10.0.0.0/8", "169.254.0.0/16", "240.0.0.0/8", "203.0.113.10/32"} <= set(excepted)
    assert "fc00::/7" in blocks["::/0"]


def test_labs_can_be_closed(render: Render) -> None:
    assert not internet(render({"singleuser": {"networkPolicy": {"internet": False}}}))


def internet(manifests: list[Manifest]) -> dict[str, list[str]]:
    """What labs reach by address: range to exceptions."""
    egress = next(each for each in policies(manifests) if each["metadata"]["name"] == "uraniborg-egress")
    peers = [peer["ipBlock"] for rule in egress["spec"]["egress"] for peer in rule["to"] if "ipBlock" in peer]
    return {block["cidr"]: block.get("except", []) for block in peers}


def test_dns_behind_its_service(render: Render) -> None:
    dns = next(each for each in policies(render()) if each["metadata"]["name"] == "uraniborg-dns")
    ports = {(each["port"], each["protocol"]) for rule in dns["spec"]["egress"] for each in rule["ports"]}
    assert {(53, "UDP"), (1053, "UDP"), (1053, "TCP")} <= ports


def test_policies_can_be_left_out(render: Render) -> None:
    assert not policies(render({"networkPolicy": {"enabled": False}}))
