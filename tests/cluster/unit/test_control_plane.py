"""The control plane's processes listen where the others look for them, and trust one authority."""

from __future__ import annotations

from pathlib import Path

import pytest
from recipe import control_plane
from recipe.addresses import DNS, REGISTRY_NAME
from recipe.command import VERBS
from recipe.folders import SOURCES, Folders
from recipe.processes import Process

FOLDERS = Folders(built=Path("/built"))
PROCESSES = (
    control_plane.etcd(FOLDERS),
    control_plane.api_server(FOLDERS),
    control_plane.controller_manager(FOLDERS),
    control_plane.scheduler(FOLDERS),
)


def flag(process: Process, name: str) -> str:
    """The value of a flag."""
    (found,) = [word.partition("=")[2] for word in process.argv if word.startswith(f"--{name}=")]
    return found


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_control_plane_runs_on_the_host(process: Process) -> None:
    assert process.network == ""
    assert not any("None" in word for word in process.argv)


def test_the_api_server_asks_etcd_where_it_listens() -> None:
    etcd, api_server, controllers, _ = PROCESSES
    assert flag(api_server, "etcd-servers") == flag(etcd, "listen-client-urls")
    assert flag(api_server, "authorization-mode") == "Node,RBAC"
    assert flag(api_server, "service-cluster-ip-range") == flag(controllers, "service-cluster-ip-range")
    private = flag(api_server, "service-account-signing-key-file")
    assert flag(controllers, "service-account-private-key-file") == private


def test_registry_keeps_its_images_with_what_is_built() -> None:
    assert "rootdirectory: /built/registry" in control_plane.registry_configuration(FOLDERS)


@pytest.mark.parametrize("verb", control_plane.HELPERS)
def test_helpers_are_verbs_of_the_command(verb: str) -> None:
    assert verb in VERBS
    assert control_plane.helper(verb).argv[-1] == verb


def test_manifests_agree_with_the_addresses() -> None:
    text = (SOURCES / "manifests" / "dns.yaml").read_text()
    assert f"clusterIP: {DNS}\n" in text
    assert f"image: {REGISTRY_NAME}/dns:1\n" in text
    assert all((SOURCES / "manifests" / name).exists() for name in control_plane.MANIFESTS)
