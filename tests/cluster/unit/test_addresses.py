"""Addresses of nodes, pods and services lie in the ranges kept for tests and never overlap."""

from __future__ import annotations

import ipaddress
from itertools import combinations

import pytest
from recipe import addresses
from recipe.errors import RecipeError

TESTS = ipaddress.IPv4Network("198.18.0.0/15")
NUMBERS = (1, 2, addresses.MOST_NODES)


@pytest.mark.parametrize("number", NUMBERS)
def test_node_lies_among_the_machines(number: int) -> None:
    machines = ipaddress.IPv4Network(f"{addresses.HOST}/{addresses.MACHINES_PREFIX}", strict=False)
    assert ipaddress.ip_address(addresses.node_address(number)) in machines
    assert ipaddress.IPv4Network(addresses.pod_network(number)).subnet_of(ipaddress.IPv4Network(addresses.PODS))
    assert len(addresses.node_cable(number)) < 16


@pytest.mark.parametrize("number", [0, -1, addresses.MOST_NODES + 1])
def test_a_node_that_can_not_be_is_refused(number: int) -> None:
    with pytest.raises(RecipeError, match="count from 1 to 200"):
        addresses.node_name(number)


def test_ranges_are_for_tests_and_do_not_overlap() -> None:
    machines = ipaddress.IPv4Network(f"{addresses.HOST}/{addresses.MACHINES_PREFIX}", strict=False)
    ranges = [machines, ipaddress.IPv4Network(addresses.PODS), ipaddress.IPv4Network(addresses.SERVICES)]
    assert all(each.subnet_of(TESTS) for each in ranges)
    assert not any(one.overlaps(other) for one, other in combinations(ranges, 2))


def test_well_known_services() -> None:
    assert addresses.first_service() == "198.19.128.1"
    assert ipaddress.ip_address(addresses.DNS) in ipaddress.IPv4Network(addresses.SERVICES)
