"""The platform as helm installs it, until it is uninstalled."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from recipe.addresses import node_address

from deployed import faults
from deployed.cluster import Cluster
from deployed.evidence import keep
from deployed.images import ROOT, Image
from deployed.person import Person, sign_in
from deployed.values import Address, Passwords, values
from deployed.waiting import until

CHART = ROOT / "helm" / "uraniborg"
RELEASE = "uraniborg"
NAMESPACE = "uraniborg-tests"
LABS = f"{NAMESPACE}-labs"
NODE_PORT = 30123
PROXY = f"{RELEASE}-proxy-public"
PARTS = ("hub", "proxy", "portal", "pools", "operator", "cull", "postgresql")
"""The components of the platform's own pods."""
READY_SECONDS = 600
"""On a quiet machine two minutes are enough; on a busy one of two cores they are not."""


@dataclass(frozen=True, kw_only=True)
class Platform:
    """One installation, as its operator and its users see it."""

    cluster: Cluster
    address: Address
    passwords: Passwords
    images: Mapping[str, Image]
    namespace: str = NAMESPACE
    labs: str = LABS
    """The namespace of labs and pools."""

    @property
    def url(self) -> str:
        """The public address; ends with a slash."""
        return self.address.url

    def sign_in(self, name: str) -> Person:
        """Sign a user in, with the password that belongs to the name."""
        return sign_in(self.url, name, self.passwords.of(name))

    def pods(self, component: str, namespace: str = "") -> list[dict[str, Any]]:
        """Give the pods of a component, in the platform's namespace or another one."""
        selector = f"app.kubernetes.io/instance={RELEASE},app.kubernetes.io/component={component}"
        return self.cluster.objects("pods", namespace or self.namespace, selector)

    def lab_pods(self, user: str) -> list[dict[str, Any]]:
        """Give the pods of a user's labs."""
        return self.cluster.objects("pods", self.labs, f"hub.jupyter.org/username={user}")

    def end_lab(self, person: Person) -> None:
        """Stop a user's lab, and return when its pod is gone."""
        person.stop_lab()
        until(lambda: not self.lab_pods(person.name), 60, "The lab's pod is gone")

    def pool_pods(self, user: str) -> list[dict[str, Any]]:
        """Give the schedulers and workers of a user's pools; those of the portal's jobs are nobody's."""
        pods = self.cluster.objects("pods", self.labs, "dask.org/cluster-name")
        return [pod for pod in pods if pod["metadata"]["name"].startswith(f"{user}-")]

    def job_pods(self, part: str) -> list[dict[str, Any]]:
        """Give the living pods of the cluster that runs the portal's jobs: its `scheduler`, or each `worker`."""
        found = self.cluster.objects("pods", self.labs, f"uraniborg/standing=portal,dask.org/component={part}")
        return [each for each in found if "deletionTimestamp" not in each["metadata"]]

    def is_ready(self) -> bool:
        """Whether every part of it runs."""
        return all((pods := self.pods(part)) and all(map(faults.ready, pods)) for part in PARTS)

    def answers(self) -> bool:
        """Whether the way through the proxy to the hub is open."""
        return httpx.get(f"{self.url}hub/health", timeout=5, trust_env=False).is_success

    def values(self) -> dict[str, Any]:
        """Give the values that it is installed with."""
        return values(self.images, self.address, self.passwords)

    def install(self, folder: Path, changed: Mapping[str, Any] | None = None) -> None:
        """Install or upgrade it with its values and some `changed` ones, and return when all pods are ready.

        The values files are written to the folder.
        """
        given: list[str] = []
        for name, content in (("values", self.values()), ("changed", changed or {})):
            file = folder / f"{name}.json"
            file.write_text(json.dumps(content, indent=1))
            given += ["-f", str(file)]
        wait = ("--create-namespace", "--wait", f"--timeout={READY_SECONDS}s")
        argv = ("upgrade", "--install", RELEASE, str(CHART), "-n", self.namespace, *given, *wait)
        # Each hook may take as long as the pods.
        self.cluster.helm(*argv, seconds=3 * READY_SECONDS)

    def uninstall(self) -> None:
        """Remove it with both of its namespaces, homes and catalogs included."""
        self.cluster.helm("uninstall", RELEASE, "-n", self.namespace, "--ignore-not-found", "--wait")
        gone = ("--ignore-not-found", "--wait", "--timeout=120s")
        self.cluster.kubectl("delete", "namespace", self.labs, self.namespace, *gone, seconds=150)


@contextmanager
def platform(
    cluster: Cluster, images: Mapping[str, Image], kept: Path, environment: Mapping[str, str] = os.environ
) -> Iterator[Platform]:
    """Install the platform and give it; it is uninstalled with the block, and one left by an earlier run before it.

    With `URANIBORG_CLUSTER_PLATFORM=kept` one that is installed is upgraded, and stays.
    What an installation that fails leaves behind is written to the folder `kept`, the values file too.
    """
    stays = environment.get("URANIBORG_CLUSTER_PLATFORM") == "kept"
    passwords = (stays and passwords_of(cluster)) or Passwords()
    installed = Platform(cluster=cluster, address=address(cluster), passwords=passwords, images=images)
    if not stays:
        installed.uninstall()
    try:
        try:
            installed.install(kept)
        except (AssertionError, subprocess.TimeoutExpired):
            keep(cluster, [NAMESPACE, LABS], kept)
            raise
        with reached(installed):
            # Nodes hear of a Service's pods a moment after these are ready, a busy machine's seconds after.
            until(installed.answers, 30, "The public address leads to the hub")
            yield installed
    finally:
        if not stays:
            installed.uninstall()


def passwords_of(cluster: Cluster) -> Passwords | None:
    """Give what people sign in with where the platform is installed."""
    found = cluster.try_helm("get", "values", RELEASE, "-n", NAMESPACE, "-o", "json")
    if found.returncode != 0:
        return None
    chosen = json.loads(found.stdout)["hub"]["config"]["SharedPasswordAuthenticator"]
    return Passwords(user=chosen["user_password"], admin=chosen["admin_password"])


def address(cluster: Cluster) -> Address:
    """Give where the platform will be reached: a port of the first node where nodes are reached directly."""
    if cluster.here:
        return Address(url=f"http://{node_address(1)}:{NODE_PORT}/", node_port=NODE_PORT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return Address(url=f"http://127.0.0.1:{probe.getsockname()[1]}/", node_port=None)


@contextmanager
def reached(installed: Platform) -> Iterator[None]:
    """Make the address lead to the platform as long as the block runs."""
    if installed.address.node_port:
        yield
        return
    found = re.search(r":(\d+)/$", installed.url)
    assert found, installed.url
    argv = ["kubectl", "port-forward", "-n", installed.namespace, f"service/{PROXY}", f"{found[1]}:80"]
    process = subprocess.Popen(argv, env=installed.cluster.environment, stdout=subprocess.PIPE, text=True)
    try:
        # It says so when it listens.
        assert process.stdout is not None
        assert "Forwarding" in process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait(10)
