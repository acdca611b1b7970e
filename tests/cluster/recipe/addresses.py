"""Which address everything has: all are from 198.18.0.0/15, which RFC 2544 keeps for tests.

Pods have 198.18.<node>.0/24, machines 198.19.0.0/24 (this host is .1, node N is .10+N), services 198.19.128.0/17. The
host reaches all of them directly; nothing leaves it.
"""

from __future__ import annotations

import ipaddress

from recipe.errors import RecipeError

HOST = "198.19.0.1"
MACHINES_PREFIX = 24
PODS = "198.18.0.0/16"
SERVICES = "198.19.128.0/17"
DNS = "198.19.128.10"
REGISTRY = f"{HOST}:5000"
"""Where images are pushed to, without TLS."""
REGISTRY_NAME = "uraniborg.test"
"""What the nodes call the registry: images are `uraniborg.test/NAME`."""
API_PORT = 6443
ETCD = "http://127.0.0.1:12379"
ETCD_PEERS = "http://127.0.0.1:12380"
BRIDGE = "ub0"
"""The host's bridge that all nodes are plugged into."""
MOST_NODES = 200


def node_name(number: int) -> str:
    """Give the name of a node, of its network namespace and of its certificate.

    Raises
    ------
    RecipeError
        There is no such node: they count from 1.
    """
    if not 1 <= number <= MOST_NODES:
        raise RecipeError(f"Node {number} can't be.", f"Nodes count from 1 to {MOST_NODES}.")
    return f"node{number}"


def node_address(number: int) -> str:
    """Give the address of a node among the machines."""
    return f"198.19.0.{10 + number}"


def pod_network(number: int) -> str:
    """Give the addresses of a node's pods."""
    return f"198.18.{number}.0/24"


def first_service() -> str:
    """Give the address of the Service `kubernetes`: the API server as pods know it."""
    return str(ipaddress.ip_network(SERVICES)[1])


def node_cable(number: int) -> str:
    """Give the name of the host's end of a node's network cable."""
    return f"ub{number}"
