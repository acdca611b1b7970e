"""The cluster as a whole: up, down, and the loss of a node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from recipe import programs
from recipe.addresses import BRIDGE, node_name
from recipe.api_server import kubectl
from recipe.authority import make_authority
from recipe.commands import succeeds
from recipe.control_plane import start_control_plane
from recipe.errors import RecipeError
from recipe.folders import Folders
from recipe.node_files import Node
from recipe.nodes import NETWORKS, end_containers, kill_node, remove_groups, start_node
from recipe.prerequisites import demand, install_packages, look
from recipe.processes import names, stop, wait


def up(folders: Folders, nodes: int, most_pods: int = 200) -> None:
    """Build what is missing, start a cluster, and return when its nodes and its DNS are ready.

    Raises
    ------
    RecipeError
        Something is missing on this machine, or did not become ready.
    """
    demand(look(), building=bool(programs.to_build(folders)))
    install_packages()
    programs.build(folders)
    make_authority(folders.pki)
    start_control_plane(folders)
    for number in range(1, nodes + 1):
        start_node(folders, Node(number=number, nodes=nodes, most_pods=most_pods))
    wanted = {node_name(number) for number in range(1, nodes + 1)}
    wait("cluster", lambda: ready(folders, wanted), folders)
    (folders.state / "nodes").write_text(f"{nodes} {most_pods}")


def ready(folders: Folders, wanted: set[str]) -> bool:
    """Whether all nodes are Ready, names are resolved, and pods can be made."""
    answering = f"jsonpath={{.status.numberReady}}={len(wanted)}"
    dns = ("-n", "kube-system", "daemonset/coredns", f"--for={answering}", "--timeout=1s")
    if kubectl(folders, "wait", *dns).returncode:
        return False
    if kubectl(folders, "get", "serviceaccount", "default").returncode:
        return False
    return wanted <= ready_nodes(kubectl(folders, "get", "nodes", "--no-headers").stdout)


def ready_nodes(listed: str) -> set[str]:
    """Read the names of the Ready nodes from what `kubectl get nodes` prints."""
    rows = (line.split() for line in listed.splitlines())
    return {row[0] for row in rows if row[1] == "Ready"}


def running(folders: Folders) -> bool:
    """Whether a cluster of this recipe is up."""
    return (folders.state / "nodes").exists() and kubectl(folders, "get", "--raw", "/readyz").stdout == "ok"


def down(folders: Folders) -> None:
    """Stop and remove everything but the built programs, Debian's packages and the registry's images."""
    started = names(folders)
    for name in started:
        stop(folders, name)
    for node in {name.split("-")[0] for name in started if name.startswith("node")}:
        end_containers(folders, node)
    for folder in (folders.run, folders.state):
        unmount_below(folder)
    for network in NETWORKS.glob("node*"):
        subprocess.run(["ip", "netns", "del", network.name], capture_output=True, check=False)
    succeeds("ip", "link", "del", BRIDGE)
    remove_groups()
    for folder in (folders.run, folders.state, folders.volumes):
        shutil.rmtree(folder, ignore_errors=True)


def unmount_below(folder: Path) -> None:
    """Unmount everything that is mounted below a folder, the innermost first."""
    mounts = mounts_below(Path("/proc/self/mountinfo").read_text(), folder)
    for point in mounts:
        succeeds("umount", "-l", point)


def mounts_below(listed: str, folder: Path) -> list[str]:
    """Read the mount points below a folder from the kernel's list, the innermost first."""
    points = [line.split()[4] for line in listed.splitlines()]
    return sorted((point for point in points if point.startswith(f"{folder}/")), reverse=True)


def lose_node(folders: Folders, number: int) -> None:
    """End a node as a power cut does; Kubernetes calls it NotReady after 50 s."""
    kill_node(folders, node_name(number))


def return_node(folders: Folders, number: int) -> None:
    """Start a node again that was lost.

    Raises
    ------
    RecipeError
        No cluster is up here.
    """
    try:
        nodes, most_pods = map(int, (folders.state / "nodes").read_text().split())
    except FileNotFoundError as error:
        raise RecipeError("No cluster is up here.", "Start one: `tests/cluster/cluster up`.") from error
    start_node(folders, Node(number=number, nodes=nodes, most_pods=most_pods))
