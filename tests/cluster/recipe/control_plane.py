"""The processes that every node relies on: etcd, API server, controllers, scheduler, registry, our two helpers."""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

from recipe.addresses import (
    API_PORT,
    BRIDGE,
    ETCD,
    ETCD_PEERS,
    HOST,
    MACHINES_PREFIX,
    REGISTRY,
    SERVICES,
    node_address,
)
from recipe.api_server import kubectl
from recipe.commands import run
from recipe.folders import COMMAND, SOURCES, Folders
from recipe.images import push_program
from recipe.processes import Process, start, wait

HELPERS = ("open-volumes", "policies")
"""Verbs of the recipe's command that run as long as the cluster does."""
MANIFESTS = ("storage.yaml", "dns.yaml")

GATES = "MutatingAdmissionPolicy=true,WatchList=false"
"""The first is off by default in 1.34: some tests change pods as the admission of a distribution of Kubernetes does.
The second needs an etcd that tells of its progress, and Debian's 3.4 does not: every watch from version 0 on (kwok's,
and of clients that ask for a list as a watch) would be ended with an error, and tried again ever later."""


def etcd(folders: Folders) -> Process:
    """Give the process of the cluster's memory."""
    clients = (f"--listen-client-urls={ETCD}", f"--advertise-client-urls={ETCD}")
    peers = (f"--listen-peer-urls={ETCD_PEERS}", f"--initial-advertise-peer-urls={ETCD_PEERS}")
    member = f"--initial-cluster=default={ETCD_PEERS}"
    argv = ("etcd", f"--data-dir={folders.state}/etcd", *clients, *peers, member, "--log-level=warn")
    return Process(name="etcd", argv=argv)


def api_server(folders: Folders) -> Process:
    """Give the process that everyone asks; Node and RBAC authorisation, as on a real cluster."""
    pki = folders.pki
    argv = (
        *(f"{folders.programs}/kube", "apiserver", f"--etcd-servers={ETCD}", f"--service-cluster-ip-range={SERVICES}"),
        *("--bind-address=0.0.0.0", f"--advertise-address={HOST}", f"--secure-port={API_PORT}"),
        *(f"--client-ca-file={pki}/ca.crt", f"--tls-cert-file={pki}/apiserver.crt"),
        f"--tls-private-key-file={pki}/apiserver.key",
        *(f"--kubelet-client-certificate={pki}/admin.crt", f"--kubelet-client-key={pki}/admin.key"),
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={pki}/service-accounts.pub",
        f"--service-account-signing-key-file={pki}/service-accounts.key",
        *("--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction", "--allow-privileged=true"),
        "--kubelet-preferred-address-types=InternalIP",
        f"--feature-gates={GATES}",
        "--runtime-config=admissionregistration.k8s.io/v1beta1=true",
    )
    return Process(name="apiserver", argv=argv)


def controller_manager(folders: Folders) -> Process:
    """Give the process of Kubernetes' controllers, host-path volumes included."""
    pki = folders.pki
    access = f"{pki}/controller-manager.kubeconfig"
    argv = (
        *(f"{folders.programs}/kube", "controller-manager", f"--kubeconfig={access}"),
        *(f"--authentication-kubeconfig={access}", f"--authorization-kubeconfig={access}"),
        f"--service-account-private-key-file={pki}/service-accounts.key",
        f"--root-ca-file={pki}/ca.crt",
        *(f"--cluster-signing-cert-file={pki}/ca.crt", f"--cluster-signing-key-file={pki}/ca.key"),
        *("--use-service-account-credentials", "--enable-hostpath-provisioner", "--leader-elect=false"),
        f"--service-cluster-ip-range={SERVICES}",
    )
    return Process(name="controller-manager", argv=argv)


def scheduler(folders: Folders) -> Process:
    """Give the process that chooses a node for each pod."""
    access = f"--kubeconfig={folders.pki}/scheduler.kubeconfig"
    return Process(name="scheduler", argv=(f"{folders.programs}/kube", "scheduler", access, "--leader-elect=false"))


def registry(configuration: Path) -> Process:
    """Give the process of the image registry."""
    return Process(name="registry", argv=("docker-registry", "serve", str(configuration)))


def registry_configuration(folders: Folders) -> str:
    """Give the registry's configuration file; its images outlive the cluster."""
    storage = f"{{filesystem: {{rootdirectory: {folders.built}/registry}}, delete: {{enabled: true}}}}"
    log = "{level: warn, accesslog: {disabled: true}}"
    return f"version: 0.1\nstorage: {storage}\nhttp: {{addr: '{REGISTRY}'}}\nlog: {log}\n"


def helper(verb: str) -> Process:
    """Give the process of one of our own helpers."""
    return Process(name=verb, argv=(sys.executable, str(COMMAND), verb))


def network_commands() -> tuple[tuple[str, ...], ...]:
    """Give the commands that make the host's bridge, and the way to services through the first node."""
    return (
        ("ip", "link", "add", BRIDGE, "type", "bridge"),
        ("ip", "addr", "add", f"{HOST}/{MACHINES_PREFIX}", "dev", BRIDGE),
        ("ip", "link", "set", BRIDGE, "up"),
        ("ip", "route", "replace", SERVICES, "via", node_address(1)),
    )


def start_control_plane(folders: Folders) -> None:
    """Start all of it, wait until it answers, and install DNS and the storage class."""
    if not Path("/sys/class/net", BRIDGE).exists():
        for command in network_commands():
            run(*command)
    configuration = folders.state / "registry.yml"
    configuration.write_text(registry_configuration(folders))
    for process in (etcd(folders), api_server(folders), registry(configuration)):
        start(folders, process)
    wait("API server", lambda: kubectl(folders, "get", "--raw", "/readyz").stdout == "ok", folders)
    for process in (controller_manager(folders), scheduler(folders), *map(helper, HELPERS)):
        start(folders, process)
    wait("registry", lambda: answers(f"http://{REGISTRY}/v2/"), folders)
    for name in ("pause", "dns"):
        push_program(folders, name)
    for manifest in MANIFESTS:
        kubectl(folders, "apply", "-f", str(SOURCES / "manifests" / manifest))


def answers(url: str) -> bool:
    """Whether an address answers with 200; no proxy of the environment is asked."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
