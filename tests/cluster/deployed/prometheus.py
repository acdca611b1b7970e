"""Prometheus on the cluster: it reads what the chart's monitors name, and watches the chart's alerts.

Its operator would turn the same objects into the same settings; here `settings` does, for what the chart uses of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from recipe.programs import sources_of

from deployed.cluster import Cluster
from deployed.images import Image

NAMESPACE = "monitoring"
"""Where the chart's network policies expect it, by default."""
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
"""The module that has the kinds of ServiceMonitor, PodMonitor and PrometheusRule."""
KINDS = ("servicemonitors", "podmonitors", "prometheusrules")
PORT = 9090
SECONDS = 2
"""Between two readings; sites take 30."""
FOLDER = "/etc/prometheus"
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Prometheus:
    """One that runs."""

    url: str

    def ask(self, path: str, **parameters: str) -> Json:
        """Give the data of an answer."""
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=parameters, trust_env=False, timeout=10)
        assert answer.is_success, answer.text
        data: Json = answer.json()["data"]
        return data

    def targets(self) -> dict[str, str]:
        """Give the state of each address that is read: `up`, or what is wrong with it."""
        found = self.ask("targets", state="active")["activeTargets"]
        return {each["scrapeUrl"]: each["lastError"] or each["health"] for each in found}

    def values(self, expression: str) -> list[float]:
        """Give the present values of an expression, one a series."""
        return [float(each["value"][1]) for each in self.ask("query", query=expression)["result"]]

    def alerts(self) -> dict[str, str]:
        """Give the state of each alert: `inactive`, `pending` or `firing`; one that can't be evaluated says why."""
        rules = [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
        return {rule["name"]: rule.get("lastError") or rule["state"] for rule in rules}


def add_kinds(cluster: Cluster) -> None:
    """Make the API server know, and check, what the chart's monitoring consists of."""
    folder = sources_of(OPERATOR) / "example" / "prometheus-operator-crd"
    for kind in KINDS:
        cluster.kubectl("apply", "--server-side", "-f", str(folder / f"monitoring.coreos.com_{kind}.yaml"))


def settings(cluster: Cluster, namespace: str) -> Json:
    """Give Prometheus's settings from a namespace's monitors."""
    scrapes = []
    for monitor in cluster.objects("servicemonitors", namespace):
        for service in chosen(cluster, "services", monitor):
            name = service["metadata"]["name"]
            ports = {each["name"]: each["port"] for each in service["spec"]["ports"]}
            scrapes += [
                scrape(each, f"{name}.{namespace}:{ports[each['port']]}", {"job": name, "namespace": namespace})
                for each in monitor["spec"]["endpoints"]
            ]
    for monitor in cluster.objects("podmonitors", namespace):
        for pod in chosen(cluster, "pods", monitor):
            containers = pod["spec"]["containers"]
            ports = {each["name"]: each["containerPort"] for one in containers for each in one.get("ports", ())}
            labels = {"job": f"{namespace}/{monitor['metadata']['name']}", "namespace": namespace}
            scrapes += [
                scrape(each, f"{pod['status']['podIP']}:{ports[each['port']]}", labels)
                for each in monitor["spec"]["podMetricsEndpoints"]
            ]
    every = f"{SECONDS}s"
    return {
        "global": {"scrape_interval": every, "evaluation_interval": every},
        "rule_files": [f"{FOLDER}/rules.json"],
        "scrape_configs": [{"job_name": str(number), **each} for number, each in enumerate(scrapes)],
    }


def chosen(cluster: Cluster, kind: str, monitor: Json) -> list[Json]:
    """Give the objects that a monitor's labels choose."""
    labels = monitor["spec"]["selector"]["matchLabels"]
    return cluster.objects(kind, monitor["metadata"]["namespace"], ",".join(f"{k}={v}" for k, v in labels.items()))


def scrape(endpoint: Json, target: str, labels: dict[str, str]) -> Json:
    """Give how one endpoint of a monitor is read."""
    found: Json = {"metrics_path": endpoint["path"], "static_configs": [{"targets": [target], "labels": labels}]}
    if authorization := endpoint.get("authorization"):
        key = authorization["credentials"]["key"]
        found["authorization"] = {"type": authorization["type"], "credentials_file": f"{FOLDER}/token/{key}"}
    return found


def objects(image: Image, content: dict[str, str], token: Json) -> list[Json]:
    """Give its namespace, its files and its pod."""
    here = {"name": NAMESPACE, "namespace": NAMESPACE}
    mounts = [{"name": "files", "mountPath": FOLDER}, {"name": "token", "mountPath": f"{FOLDER}/token"}]
    container = {
        "name": "prometheus",
        "image": str(image),
        "args": [f"--config.file={FOLDER}/prometheus.json", "--storage.tsdb.path=/tmp/data"],
        "readinessProbe": {"httpGet": {"path": "/-/ready", "port": PORT}, "periodSeconds": 1},
        "volumeMounts": mounts,
    }
    volumes = [
        {"name": "files", "configMap": {"name": NAMESPACE}},
        {"name": "token", "secret": {"secretName": NAMESPACE}},
    ]
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": here, "data": content},
        {"apiVersion": "v1", "kind": "Secret", "metadata": here, "data": token},
        {"apiVersion": "v1", "kind": "Pod", "metadata": here, "spec": {"containers": [container], "volumes": volumes}},
    ]


@contextmanager
def prometheus(cluster: Cluster, image: Image, namespace: str, secret: str) -> Iterator[Prometheus]:
    """Run it for the monitors and rules of a namespace, with the Secret that they name, as long as the block runs."""
    groups = [group for rule in cluster.objects("prometheusrules", namespace) for group in rule["spec"]["groups"]]
    content = {
        "prometheus.json": json.dumps(settings(cluster, namespace)),
        "rules.json": json.dumps({"groups": groups}),
    }
    token = json.loads(cluster.kubectl("get", "secret", secret, "-n", namespace, "-o", "json"))["data"]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects(image, content, token)})
    cluster.kubectl("apply", "-f", "-", text=text)
    try:
        cluster.kubectl("wait", "pod", NAMESPACE, "-n", NAMESPACE, "--for=condition=Ready", "--timeout=110s")
        (pod,) = cluster.objects("pods", NAMESPACE)
        yield Prometheus(url=f"http://{pod['status']['podIP']}:{PORT}")
    finally:
        cluster.kubectl("delete", "namespace", NAMESPACE, "--wait", "--timeout=110s")
