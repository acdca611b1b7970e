"""NetworkPolicies become the rules that Kubernetes' documentation promises."""

from __future__ import annotations

from typing import Any

import pytest
from recipe.policies import SET_APART, State, matches, ruleset, types, verdicts

LABELS = {"app": "lab", "user": "tycho"}


def pod(name: str, address: str, namespace: str = "labs", node: str = "node1") -> dict[str, Any]:
    """A running pod with its name as a label."""
    ports = [{"name": "scheduler", "containerPort": 8786}] if name == "scheduler" else []
    return {
        "metadata": {"name": name, "namespace": namespace, "labels": {"app": name}},
        "spec": {"nodeName": node, "containers": [{"ports": ports}]},
        "status": {"podIP": address, "phase": "Running"},
    }


def policy(spec: dict[str, Any], app: str = "lab") -> dict[str, Any]:
    """A policy of the namespace `labs` about the pods of an app."""
    selector = {"podSelector": {"matchLabels": {"app": app}}}
    return {"metadata": {"name": "p", "namespace": "labs"}, "spec": {**selector, **spec}}


PODS = [
    pod("lab", "198.18.1.2"),
    pod("scheduler", "198.18.2.2", node="node2"),
    pod("hub", "198.18.1.3", namespace="hub"),
]
NAMESPACES: list[dict[str, Any]] = [
    {"metadata": {"name": "labs", "labels": {"name": "labs"}}},
    {"metadata": {"name": "hub", "labels": {"name": "hub"}}},
]


def rules(spec: dict[str, Any], direction: str, app: str = "lab") -> list[str] | None:
    """The lines for the pod of an app under one policy about it."""
    state = State.of(PODS, NAMESPACES, [policy(spec, app)])
    (about,) = [each for each in state.pods if each["metadata"]["name"] == app]
    return verdicts(state, about, direction)


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "lab"}}, True),
        ({"matchLabels": {"app": "hub"}}, False),
        ({"matchLabels": {"app": "lab", "missing": ""}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["hub", "lab"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["lab"]}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["lab"]}]}, True),
        ({"matchExpressions": [{"key": "user", "operator": "Exists"}]}, True),
        ({"matchExpressions": [{"key": "user", "operator": "DoesNotExist"}]}, False),
    ],
)
def test_selectors(selector: dict[str, Any], selected: bool) -> None:
    assert matches(selector, LABELS) is selected


@pytest.mark.parametrize(
    ("spec", "directions"),
    [
        ({}, ["Ingress"]),
        ({"egress": []}, ["Ingress", "Egress"]),
        ({"policyTypes": ["Egress"]}, ["Egress"]),
    ],
)
def test_directions(spec: dict[str, Any], directions: list[str]) -> None:
    assert types(spec) == directions


def test_a_pod_that_no_policy_is_about_is_not_set_apart() -> None:
    assert rules({"policyTypes": ["Ingress"]}, "egress") is None
    assert rules({"policyTypes": ["Ingress"]}, "ingress") == [SET_APART]


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ({}, "return"),
        ({"to": []}, "return"),
        ({"ports": [{"port": 443}]}, "tcp dport 443-443 return"),
        ({"ports": [{"port": 53, "protocol": "UDP"}]}, "udp dport 53-53 return"),
        ({"ports": [{"port": 8000, "endPort": 8010}]}, "tcp dport 8000-8010 return"),
        ({"ports": [{"protocol": "SCTP"}]}, "meta l4proto sctp return"),
        ({"to": [{"podSelector": {"matchLabels": {"app": "scheduler"}}}]}, "ip daddr 198.18.2.2 return"),
        ({"to": [{"namespaceSelector": {"matchLabels": {"name": "hub"}}}]}, "ip daddr 198.18.1.3 return"),
        (
            {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "198.18.0.0/15"]}}]},
            "ip daddr 0.0.0.0/0 ip daddr != 10.0.0.0/8 ip daddr != 198.18.0.0/15 return",
        ),
    ],
)
def test_what_egress_allows(rule: dict[str, Any], line: str) -> None:
    assert rules({"policyTypes": ["Egress"], "egress": [rule]}, "egress") == [line, SET_APART]


@pytest.mark.parametrize(
    "rule",
    [
        {"to": [{"podSelector": {"matchLabels": {"app": "hub"}}}]},
        {"to": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "nobody"}}}]},
        {"to": [{"ipBlock": {"cidr": "::/0"}}]},
        {"ports": [{"port": "named"}]},
    ],
    ids=["pod of another namespace", "nobody", "IPv6", "a port that nobody names"],
)
def test_what_egress_does_not_allow(rule: dict[str, Any]) -> None:
    assert rules({"policyTypes": ["Egress"], "egress": [rule]}, "egress") == [SET_APART]


def test_named_ports_are_those_of_the_pod_that_receives() -> None:
    rule = {"from": [{"podSelector": {"matchLabels": {"app": "lab"}}}], "ports": [{"port": "scheduler"}]}
    lines = rules({"ingress": [rule]}, "ingress", "scheduler")
    assert lines == ["ip saddr 198.18.1.2 tcp dport 8786-8786 return", SET_APART]


def test_pods_without_an_address_of_their_own_play_no_part() -> None:
    ended = pod("ended", "198.18.1.9")
    ended["status"]["phase"] = "Succeeded"
    waiting = pod("waiting", "")
    on_host = pod("on-host", "198.19.0.11")
    on_host["spec"]["hostNetwork"] = True
    assert State.of([ended, waiting, on_host, *PODS], NAMESPACES, []).pods == PODS


def test_a_node_has_the_rules_of_its_own_pods() -> None:
    state = State.of(PODS, NAMESPACES, [policy({"policyTypes": ["Egress", "Ingress"]})])
    here = ruleset(state, "node1")
    assert here.startswith("table inet policies\ndelete table inet policies\ntable inet policies {\n chain egress0 {")
    assert "  ip saddr 198.18.1.2 jump egress0\n  ip daddr 198.18.1.2 jump ingress0\n" in here
    assert here.index("ct state established,related accept") < here.index("jump egress0")
    assert "jump" not in ruleset(state, "node2")
