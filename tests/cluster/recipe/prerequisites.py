"""What the machine must have, said before anything is started."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from recipe.commands import run, succeeds
from recipe.errors import RecipeError

PACKAGES = (
    *("containerd", "runc", "containernetworking-plugins", "etcd-server", "docker-registry", "buildah", "debootstrap"),
    *("iptables", "nftables", "iproute2", "openssl", "conntrack", "socat"),
)
"""Debian packages; the missing ones are installed."""
OLDEST_GO = (1, 24)
OTHER_CLUSTER = "or set KUBECONFIG to a cluster you have"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Facts about this machine."""

    root: bool
    go: tuple[int, ...] | None
    """Version of Go, None without one."""
    debian: bool
    """Whether apt-get is there."""
    unified_cgroups: bool
    """Whether the control groups are version 2 alone."""


def look() -> Machine:
    """Look at this machine."""
    return Machine(
        root=os.geteuid() == 0,
        go=go_version(run("go", "version")) if shutil.which("go") else None,
        debian=shutil.which("apt-get") is not None,
        unified_cgroups=Path("/sys/fs/cgroup/cgroup.controllers").exists(),
    )


def go_version(said: str) -> tuple[int, ...]:
    """Read what `go version` prints."""
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0,)


def demand(machine: Machine, *, building: bool) -> None:
    """Return when a cluster can run here; Go is only asked for when something is to be built.

    Raises
    ------
    RecipeError
        The first thing that is missing, and how to get it.
    """
    if not machine.root:
        message = "A cluster on this machine needs root: it makes network namespaces and mounts."
        raise RecipeError(message, f"Run the same as root, {OTHER_CLUSTER}.")
    if not machine.debian:
        message = "A cluster on this machine takes containerd, etcd and more from Debian or Ubuntu; apt-get is missing."
        raise RecipeError(message, f"Use such a machine, {OTHER_CLUSTER}.")
    if machine.unified_cgroups:
        message = "This machine has control groups of version 2 alone, which the recipe does not set up."
        raise RecipeError(message, f"Boot with systemd.unified_cgroup_hierarchy=0, {OTHER_CLUSTER} (kind, k3s).")
    if building:
        _demand_go(machine.go)


def _demand_go(version: tuple[int, ...] | None) -> None:
    oldest = ".".join(map(str, OLDEST_GO))
    if version is None:
        message = f"Kubernetes is built here from its Go modules, and there is no `go` of {oldest} or newer in PATH."
        raise RecipeError(message, f"Install Go from go.dev/dl, {OTHER_CLUSTER}.")
    if version < OLDEST_GO:
        message = f"Go {'.'.join(map(str, version))} is too old: Kubernetes needs {oldest} or newer."
        raise RecipeError(message, f"Install Go from go.dev/dl, {OTHER_CLUSTER}.")


def install_packages() -> None:
    """Install those of the Debian packages that are missing; no service of theirs is started."""
    missing = [package for package in PACKAGES if not succeeds("dpkg", "-s", package)]
    if not missing:
        return
    run("apt-get", "update", "-qq")
    # RUNLEVEL=1: the packages' own services stay off, the cluster starts its own.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, environment=environment)
