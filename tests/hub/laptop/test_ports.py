"""Ports: free ones are free, and who holds a taken one is named."""

from __future__ import annotations

import os
import socket

import pytest

from uraniborg_hub.errors import PlatformError
from uraniborg_hub.laptop import ports


def test_free_ports_are_distinct_and_free() -> None:
    found = ports.free_ports(4)
    assert len(set(found)) == 4
    assert all(ports.is_free("127.0.0.1", port) for port in found)


def test_a_taken_port_names_its_holder_and_the_setting() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(PlatformError) as caught:
            ports.demand_free("127.0.0.1", port)
    assert f"pid {os.getpid()}" in caught.value.message
    assert "URANIBORG_PORT" in caught.value.remedy
