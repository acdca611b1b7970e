"""NetworkPolicies (networking.k8s.io/v1) as rules of nftables for one node: pure, from the API server's objects.

A pod that some policy selects for a direction accepts only what a rule of such policies allows in that direction;
replies pass, and so does the traffic of its own node (probes).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Thing = Mapping[str, Any]
"""An object of the API server, or a part of one."""
Tests = Mapping[str, Callable[[str | None, list[str]], bool]]
OPERATORS: Tests = {
    "In": lambda have, values: have in values,
    "NotIn": lambda have, values: have not in values,
    "Exists": lambda have, _: have is not None,
    "DoesNotExist": lambda have, _: have is None,
}
DIRECTIONS = {"egress": ("saddr", "daddr", "to"), "ingress": ("daddr", "saddr", "from")}
"""Direction to the field that has the pod's own address, the one that has its peer's, and the key of the peers."""
SET_APART = "counter drop"
HOOK = """\
 chain forward {
  type filter hook forward priority 10; policy accept;
  ct state established,related accept"""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Addresses on the other side."""

    addresses: str
    excepted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ports:
    """A range of ports of a protocol; all of them without a first one."""

    protocol: str
    first: int | None = None
    last: int | None = None

    @property
    def term(self) -> str:
        """The condition, in nftables' words."""
        if self.first is None:
            return f"meta l4proto {self.protocol} "
        return f"{self.protocol} dport {self.first}-{self.last} "


@dataclass(frozen=True, kw_only=True)
class State:
    """The objects of one moment that decide who may talk to whom."""

    pods: Sequence[Thing]
    namespaces: dict[str, Mapping[str, str]]
    """Name to labels."""
    policies: Sequence[Thing]

    @classmethod
    def of(cls, pods: Sequence[Thing], namespaces: Sequence[Thing], policies: Sequence[Thing]) -> State:
        """Give the state of what the API server lists: pods without an address of their own play no part."""
        names = {each["metadata"]["name"]: labels(each) for each in namespaces}
        return cls(pods=[pod for pod in pods if plays(pod)], namespaces=names, policies=policies)


def plays(pod: Thing) -> bool:
    """Whether a pod has, or soon uses, an address of its own."""
    status = pod.get("status", {})
    own = bool(status.get("podIP")) and not pod["spec"].get("hostNetwork")
    return own and status.get("phase") in ("Pending", "Running")


def labels(thing: Thing) -> Mapping[str, str]:
    """Give the labels of an object."""
    found: Mapping[str, str] = thing["metadata"].get("labels") or {}
    return found


def matches(selector: Thing, have: Mapping[str, str]) -> bool:
    """Whether a label selector selects these labels; an empty one selects everything."""
    exact = all(have.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    tests = selector.get("matchExpressions", [])
    return exact and all(OPERATORS[test["operator"]](have.get(test["key"]), test.get("values", [])) for test in tests)


def types(spec: Thing) -> list[str]:
    """Give the directions that a policy is about; those of an older form follow from what it holds."""
    told: list[str] = spec.get("policyTypes") or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])
    return told


def peers(state: State, told: list[Thing], home: str) -> list[Peer] | None:
    """Give the addresses that a rule's list of peers means; None stands for everyone."""
    if not told:
        return None
    found: list[Peer] = []
    for peer in told:
        if block := peer.get("ipBlock"):
            found.append(Peer(addresses=block["cidr"], excepted=tuple(block.get("except", []))))
        else:
            chosen = (pod for pod in state.pods if _selected(state, peer, pod, home))
            found += [Peer(addresses=pod["status"]["podIP"]) for pod in chosen]
    return found


def _selected(state: State, peer: Thing, pod: Thing, home: str) -> bool:
    where = pod["metadata"]["namespace"]
    inside = where == home
    if "namespaceSelector" in peer:
        inside = matches(peer["namespaceSelector"], state.namespaces.get(where, {}))
    return inside and matches(peer.get("podSelector", {}), labels(pod))


def ports(rule: Thing, receiver: Thing | None) -> list[Ports]:
    """Give the ports of a rule; named ones are those of the pod that receives, where that is known."""
    found: list[Ports] = []
    for port in rule.get("ports") or []:
        protocol, number = port.get("protocol", "TCP").lower(), port.get("port")
        if isinstance(number, str):
            named = _named(receiver, number) if receiver else []
            found += [Ports(protocol=protocol, first=each, last=each) for each in named]
        else:
            found.append(Ports(protocol=protocol, first=number, last=port.get("endPort", number)))
    return found


def _named(pod: Thing, name: str) -> list[int]:
    all_ports = [port for container in pod["spec"]["containers"] for port in container.get("ports", [])]
    return [port["containerPort"] for port in all_ports if port.get("name") == name]


def verdicts(state: State, pod: Thing, direction: str) -> list[str] | None:
    """Give the lines for one pod and direction, or None when no policy sets it apart."""
    own = [policy for policy in state.policies if isolates(policy, pod, direction)]
    if not own:
        return None
    lines = [line for policy in own for line in _allowed(state, policy, pod, direction)]
    return [*lines, SET_APART]


def isolates(policy: Thing, pod: Thing, direction: str) -> bool:
    """Whether a policy is about this pod and direction."""
    same = policy["metadata"]["namespace"] == pod["metadata"]["namespace"]
    about = direction.capitalize() in types(policy["spec"])
    return same and about and matches(policy["spec"].get("podSelector", {}), labels(pod))


def _allowed(state: State, policy: Thing, pod: Thing, direction: str) -> Iterator[str]:
    _, side, key = DIRECTIONS[direction]
    for rule in policy["spec"].get(direction) or []:
        whom = peers(state, rule.get(key) or [], policy["metadata"]["namespace"])
        which = ports(rule, pod if direction == "ingress" else None)
        if rule.get("ports") and not which:
            continue
        terms = [each.term for each in which] or [""]
        yield from (f"{who}{what}return" for who in _who(whom, side) for what in terms)


def _who(whom: list[Peer] | None, side: str) -> list[str]:
    if whom is None:
        return [""]
    reachable = [peer for peer in whom if ipaddress.ip_network(peer.addresses).version == 4]
    return [
        f"ip {side} {peer.addresses} " + "".join(f"ip {side} != {each} " for each in peer.excepted)
        for peer in reachable
    ]


def ruleset(state: State, node: str) -> str:
    """Give the whole table of a node; loading it replaces the one before in one step."""
    chains: list[str] = []
    jumps: list[str] = []
    for index, pod in enumerate(pod for pod in state.pods if pod["spec"].get("nodeName") == node):
        for direction, (own, _, _) in DIRECTIONS.items():
            lines = verdicts(state, pod, direction)
            if lines is not None:
                chains.append(f" chain {direction}{index} {{\n  " + "\n  ".join(lines) + "\n }")
                jumps.append(f"  ip {own} {pod['status']['podIP']} jump {direction}{index}")
    body = "\n".join([*chains, HOOK, *jumps, " }"])
    return f"table inet policies\ndelete table inet policies\ntable inet policies {{\n{body}\n}}\n"
