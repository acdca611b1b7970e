"""Nodes: plugged in, started, killed as a power cut does, started again."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from recipe.addresses import BRIDGE, HOST, MACHINES_PREFIX, node_address, node_cable, pod_network
from recipe.authority import Certificate, issue
from recipe.commands import run
from recipe.folders import Folders
from recipe.node_files import Node, containerd_process, files, kubelet_process, proxy_process, socket
from recipe.processes import alive, end, start, stop, wait

GROUPS = Path("/sys/fs/cgroup")
OUR_GROUP = "uraniborg"
NETWORKS = Path("/run/netns")


def network_commands(node: Node) -> tuple[tuple[str, ...], ...]:
    """Give the commands that make a node's network namespace and the ways to it and from it."""
    inside = ("ip", "-n", node.name)
    cable = node_cable(node.number)
    return (
        ("ip", "netns", "add", node.name),
        ("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", node.name),
        ("ip", "link", "set", cable, "master", BRIDGE, "up"),
        (*inside, "addr", "add", f"{node.address}/{MACHINES_PREFIX}", "dev", "eth0"),
        (*inside, "link", "set", "lo", "up"),
        (*inside, "link", "set", "eth0", "up"),
        (*inside, "route", "add", "default", "via", HOST),
        ("nsenter", f"--net={NETWORKS}/{node.name}", "sysctl", "-qw", "net.ipv4.ip_forward=1"),
        ("ip", "route", "replace", pod_network(node.number), "via", node.address),
        *((*inside, "route", "replace", pod_network(other), "via", node_address(other)) for other in node.others),
    )


def start_node(folders: Folders, node: Node) -> None:
    """Start a node that is not running; its pods' images are still there when it ran before."""
    if not (NETWORKS / node.name).exists():
        for command in network_commands(node):
            run(*command)
    make_groups(node.name)
    _write(folders, node)
    issue(folders.pki, Certificate.for_node(node.name))
    runtime = containerd_process(folders, node)
    answering = Path(socket(folders, node))
    if not alive(folders, runtime.name):
        answering.unlink(missing_ok=True)
    start(folders, runtime)
    wait(f"containerd of {node.name}", answering.exists, folders)
    start(folders, kubelet_process(folders, node))
    start(folders, proxy_process(folders, node))


def _write(folders: Folders, node: Node) -> None:
    root = folders.node(node.name)
    for name in ("kubelet", "containerd"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name, text in files(folders, node).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def make_groups(name: str) -> None:
    """Make the node's control group below each controller of version 1."""
    for controller in GROUPS.iterdir():
        if controller.is_dir() and not controller.is_symlink():
            (controller / OUR_GROUP / name).mkdir(parents=True, exist_ok=True)
    # A new group of the cpuset controller has neither processors nor memory and takes no process.
    above = GROUPS / "cpuset" / OUR_GROUP
    for folder in (above, above / name):
        for file in ("cpuset.cpus", "cpuset.mems"):
            if (folder / file).exists():
                (folder / file).write_text((folder.parent / file).read_text())


def remove_groups() -> None:
    """Remove our control groups; no process is in them any more."""
    for controller in GROUPS.iterdir():
        ours = controller / OUR_GROUP
        if controller.is_symlink() or not ours.is_dir():
            continue
        below = [folder for folder in ours.rglob("*") if folder.is_dir()]
        for folder in [*sorted(below, reverse=True), ours]:
            # One that the kernel has not emptied yet stays, and harms nobody.
            with suppress(OSError):
                folder.rmdir()


def kill_node(folders: Folders, name: str) -> None:
    """End a node at once: no pod is told."""
    for part in ("kubelet", "proxy", "containerd"):
        stop(folders, f"{name}-{part}", signal.SIGKILL)
    end_containers(folders, name)


def end_containers(folders: Folders, name: str) -> None:
    """Kill every process of a node's pods, and the shims that would mourn them."""
    wait(f"end of the pods of {name}", lambda: not _kill_all(_in_groups(name)), folders, 10)
    _kill_all(_shims(f"{folders.run}/{name}.sock"))


def _kill_all(pids: set[int]) -> set[int]:
    for pid in pids:
        end(pid, signal.SIGKILL)
    return pids


def _in_groups(name: str) -> set[int]:
    groups = (GROUPS / "pids" / OUR_GROUP / name).rglob("cgroup.procs")
    return {int(pid) for group in groups for pid in group.read_text().split()}


def _shims(marker: str) -> set[int]:
    lines = ((int(folder.name), _command_line(folder)) for folder in _process_folders())
    return {pid for pid, line in lines if "containerd-shim" in line and marker in line}


def _process_folders() -> Iterator[Path]:
    return (folder for folder in Path("/proc").iterdir() if folder.name.isdigit())


def _command_line(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        # It ended while we looked.
        return ""
