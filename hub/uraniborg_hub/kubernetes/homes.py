"""The sizes of all homes for Prometheus: what the last measurement (`lab.storage.homes`) wrote to its pod's log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from jupyterhub.handlers.metrics import MetricsHandler
from kubernetes_asyncio.client import CoreV1Api, V1Pod
from kubernetes_asyncio.client.rest import ApiException
from kubespawner.clients import load_config, shared_client
from prometheus_client import CONTENT_TYPE_LATEST
from tornado.web import HTTPError

from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.lab.storage.homes import HEAD, METRIC

PATH = r"/metrics/homes"
SCOPE = "read:metrics"
LARGEST = 2**23
"""Bytes of a log that are read: some hundred thousand homes."""
LINE = re.compile(rf'{METRIC}\{{home="(?:[^"\\]|\\.)*"\}} \d+\n')
MEASURED = "uraniborg_homes_measured_timestamp_seconds"
ACCESS = ("k8s_api_host", "k8s_api_ssl_ca_cert", "k8s_api_verify_ssl")
"""KubeSpawner's traits that say where the API server is."""


def newest(pods: Iterable[tuple[str, datetime | None]]) -> tuple[str, datetime] | None:
    """Give the pod that ended last, of names and ends; None where none has ended."""
    ended = [(name, end) for name, end in pods if end is not None]
    return max(ended, key=lambda each: each[1], default=None)


def page(log: str, end: datetime) -> str:
    """Give a measurement in Prometheus' text format, with its time; whatever else a log holds is left out."""
    lines = "".join(line for line in log.splitlines(keepends=True) if LINE.fullmatch(line))
    when = f"# HELP {MEASURED} When all homes were measured last.\n# TYPE {MEASURED} gauge\n"
    return f"{HEAD}{lines}{when}{MEASURED} {end.timestamp():.0f}\n"


async def last_measurement(api: CoreV1Api, settings: Kubernetes) -> str:
    """Give the page of the last measurement that succeeded; empty where none is there yet.

    Raises
    ------
    ApiException
        The API server does not tell.
    """
    chosen = f"app.kubernetes.io/instance={settings.instance},app.kubernetes.io/component=homes"
    found = await api.list_namespaced_pod(
        settings.namespace, label_selector=chosen, field_selector="status.phase=Succeeded"
    )
    last = newest((pod.metadata.name, _end(pod)) for pod in found.items)
    if last is None:
        return ""
    name, end = last
    return page(await api.read_namespaced_pod_log(name, settings.namespace, limit_bytes=LARGEST), end)


class HomesHandler(MetricsHandler):
    """Gives it to who may read the hub's metrics."""

    def initialize(self, settings: Kubernetes) -> None:
        """Take the settings of the labs' namespace."""
        self.kubernetes = settings

    async def get(self) -> None:
        """Answer. For tokens with the scope `read:metrics`."""
        if self.authenticate_prometheus and SCOPE not in self.parsed_scopes:
            raise HTTPError(HTTPStatus.FORBIDDEN, f"Access to metrics requires scope {SCOPE!r}")
        given: Mapping[str, Any] = self.config.KubeSpawner
        load_config(**{name.removeprefix("k8s_api_"): given.get(name) for name in ACCESS})
        try:
            text = await last_measurement(shared_client("CoreV1Api"), self.kubernetes)
        except (ApiException, OSError) as error:
            raise HTTPError(HTTPStatus.SERVICE_UNAVAILABLE, "The cluster does not tell the sizes of homes.") from error
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.write(text)


def _end(pod: V1Pod) -> datetime | None:
    ended = [each.state.terminated for each in pod.status.container_statuses or () if each.state.terminated]
    return ended[0].finished_at if ended else None
