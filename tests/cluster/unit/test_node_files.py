"""A node's files agree with each other: one socket, one range of addresses, one registry."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from recipe.folders import Folders
from recipe.node_files import Node, containerd_process, files, kubelet_process, proxy_process
from recipe.nodes import network_commands

FOLDERS = Folders(built=Path("/built"))
NODE = Node(number=2, nodes=3, most_pods=110)
FILES = files(FOLDERS, NODE)


def test_kubelet_asks_containerd_where_it_listens() -> None:
    containerd = tomllib.loads(FILES["containerd.toml"])
    kubelet = json.loads(FILES["kubelet.yaml"])
    assert kubelet["containerRuntimeEndpoint"] == f"unix://{containerd['grpc']['address']}"
    assert kubelet["maxPods"] == 110
    assert kubelet["cgroupRoot"] == "/uraniborg/node2"


def test_containerd_finds_plugins_images_and_networks_of_its_own() -> None:
    cri = tomllib.loads(FILES["containerd.toml"])["plugins"]["io.containerd.grpc.v1.cri"]
    assert cri["sandbox_image"] == "uraniborg.test/pause:1"
    assert cri["cni"] == {"bin_dir": "/usr/lib/cni", "conf_dir": "/var/lib/uraniborg-cluster/node2/cni"}
    assert cri["registry"]["config_path"] == "/var/lib/uraniborg-cluster/node2/certs.d"
    hosts = tomllib.loads(FILES["certs.d/uraniborg.test/hosts.toml"])
    assert hosts["server"] == "http://198.19.0.1:5000"
    assert list(hosts["host"]) == [hosts["server"]]


def test_pods_have_addresses_of_their_node() -> None:
    addresses, ports = json.loads(FILES["cni/10-pods.conflist"])["plugins"]
    assert addresses["ipam"]["ranges"] == [[{"subnet": "198.18.2.0/24"}]]
    assert ports["type"] == "portmap"


@pytest.mark.parametrize("make", [containerd_process, kubelet_process, proxy_process])
def test_processes_are_in_the_node_s_network(make: object) -> None:
    assert callable(make)
    process = make(FOLDERS, NODE)
    assert process.network == "node2"
    assert process.name.startswith("node2-")


def test_each_node_knows_the_way_to_the_pods_of_the_others() -> None:
    commands = [" ".join(command) for command in network_commands(NODE)]
    assert commands[0] == "ip netns add node2"
    assert commands[-2:] == [
        "ip -n node2 route replace 198.18.1.0/24 via 198.19.0.11",
        "ip -n node2 route replace 198.18.3.0/24 via 198.19.0.13",
    ]
    assert "ip route replace 198.18.2.0/24 via 198.19.0.12" in commands
