"""An ingress controller that is a Gateway too: traefik, on this machine, in front of the recipe's cluster."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from recipe.programs import sources_of, tool

from deployed.cluster import Cluster
from deployed.waiting import until

API = "sigs.k8s.io/gateway-api@v1.4.0"
"""The module whose standard channel has the kinds of the Gateway API."""
PORT = 30180
HOST = "sky.localhost"
"""Browsers take it, and all names below it, for this machine."""
CLASS = "traefik"


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """One that runs."""

    log: Path
    """A line of JSON for each request that was answered."""

    @property
    def url(self) -> str:
        """Where the platform is found; ends with a slash."""
        return f"http://{HOST}:{PORT}/"

    def ask(self, host: str, path: str) -> httpx.Response:
        """Send a request for some host."""
        return httpx.get(f"http://127.0.0.1:{PORT}{path}", headers={"Host": f"{host}:{PORT}"}, trust_env=False)

    def targets(self, host: str, path: str) -> set[str]:
        """Give the Services that answered requests to a host below a path, as traefik names them."""
        entries = [json.loads(line) for line in self.log.read_text().splitlines()]
        return {
            entry.get("ServiceName", "")
            for entry in entries
            if entry["RequestHost"] == host and entry["RequestPath"].startswith(path)
        }


def objects(namespace: str) -> list[dict[str, Any]]:
    """Give the classes that traefik serves, and a Gateway for the routes of a namespace."""
    listener = {"name": "web", "port": PORT, "protocol": "HTTP", "allowedRoutes": {"namespaces": {"from": "Same"}}}
    api = "gateway.networking.k8s.io/v1"
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "IngressClass",
            "metadata": {"name": CLASS},
            "spec": {"controller": "traefik.io/ingress-controller"},
        },
        {
            "apiVersion": api,
            "kind": "GatewayClass",
            "metadata": {"name": CLASS},
            "spec": {"controllerName": "traefik.io/gateway-controller"},
        },
        {
            "apiVersion": api,
            "kind": "Gateway",
            "metadata": {"name": "public", "namespace": namespace},
            "spec": {"gatewayClassName": CLASS, "listeners": [listener]},
        },
    ]


@contextmanager
def gateway(cluster: Cluster, namespace: str, folder: Path) -> Iterator[Gateway]:
    """Serve Ingresses and HTTPRoutes at `HOST`, as long as the block runs; logs are in the folder."""
    assert cluster.here is not None, "Pods of another cluster are not reached from this machine."
    for file in sorted((sources_of(API) / "config" / "crd" / "standard").glob("*.yaml")):
        cluster.kubectl("apply", "--server-side", "-f", str(file))
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects(namespace)})
    cluster.kubectl("apply", "-f", "-", text=text)
    access = folder / "access.log"
    argv = [
        str(tool(cluster.here, "traefik")),
        f"--entrypoints.web.address=127.0.0.1:{PORT}",
        f"--providers.kubernetesingress.ingressclass={CLASS}",
        "--providers.kubernetesgateway=true",
        "--ping=true",
        "--ping.entrypoint=web",
        "--accesslog=true",
        "--accesslog.format=json",
        f"--accesslog.filepath={access}",
        "--global.checknewversion=false",
        "--global.sendanonymoususage=false",
    ]
    with (folder / "traefik.log").open("wb") as log:
        process = subprocess.Popen(argv, stdout=log, stderr=log, env=cluster.environment)
    try:
        until(lambda: httpx.get(f"http://127.0.0.1:{PORT}/ping", trust_env=False).is_success, 30, "traefik answers")
        yield Gateway(log=access)
    finally:
        process.terminate()
        process.wait(20)
        cluster.kubectl("delete", "-f", "-", "--ignore-not-found", text=text)
