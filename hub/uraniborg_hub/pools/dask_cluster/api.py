"""The Kubernetes API as far as the broker needs it: plain JSON objects of one namespace, in and out."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from kubernetes_asyncio import client, config
from kubernetes_asyncio.config import ConfigException
from kubernetes_asyncio.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)

from uraniborg_hub.pools.errors import PoolError, Unavailable

log = logging.getLogger(__name__)

Json = dict[str, Any]
SECONDS = 15
"""An answer that takes longer does not come."""
WATCH_SECONDS = 240
"""A watch is begun again after so long, so that one that died unnoticed does no harm."""
NOT_FOUND, CONFLICT, GONE = 404, 409, 410
GONE_ALREADY = frozenset({NOT_FOUND, CONFLICT})


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of objects."""

    group: str
    """The beginning of its path: `api/v1` or `apis/<group>/<version>`."""
    plural: str


DASK_CLUSTERS = Kind(group="apis/kubernetes.dask.org/v1", plural="daskclusters")
WORKER_GROUPS = Kind(group="apis/kubernetes.dask.org/v1", plural="daskworkergroups")
DEPLOYMENTS = Kind(group="apis/apps/v1", plural="deployments")
POLICIES = Kind(group="apis/networking.k8s.io/v1", plural="networkpolicies")
PODS = Kind(group="api/v1", plural="pods")
SECRETS = Kind(group="api/v1", plural="secrets")
SERVICES = Kind(group="api/v1", plural="services")
EVENTS = Kind(group="api/v1", plural="events")


class ApiError(Unavailable):
    """Kubernetes refused a call, or did not answer.

    Parameters
    ----------
    status
        The HTTP status; 0 when there was no answer.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"The cluster's own API says: {message}", "Try again; tell whoever runs this platform.")
        self.status = status


async def connect(namespace: str) -> Api:
    """Give the API with the pod's own service account, or as KUBECONFIG says.

    Raises
    ------
    PoolError
        There is neither.
    """
    configuration = client.Configuration()
    try:
        InClusterConfigLoader(SERVICE_TOKEN_FILENAME, SERVICE_CERT_FILENAME).load_and_set(configuration)
    except ConfigException:
        try:
            await config.load_kube_config(client_configuration=configuration)
        except ConfigException as error:
            remedy = "Run the broker in a pod with a service account, or set KUBECONFIG."
            raise PoolError(f"[pools.kubernetes] is set and no cluster is found: {error}.", remedy) from error
    return Api(client.ApiClient(configuration), namespace)


class Api:
    """Objects of one namespace; every method raises ApiError."""

    def __init__(self, connection: client.ApiClient, namespace: str) -> None:
        self.namespace = namespace
        self._connection = connection

    async def close(self) -> None:
        """End the connections."""
        await self._connection.close()

    async def get(self, kind: Kind, name: str) -> Json | None:
        """Give an object, None when there is none."""
        try:
            return await self._ask("GET", kind, name)
        except ApiError as error:
            if error.status == NOT_FOUND:
                return None
            raise

    async def list(self, kind: Kind, labels: str = "", fields: str = "") -> tuple[list[Json], str]:
        """Give the objects that the selectors choose, and the version from which a watch goes on."""
        answer = await self._ask("GET", kind, query={"labelSelector": labels, "fieldSelector": fields})
        return answer.get("items") or [], str(answer["metadata"].get("resourceVersion", ""))

    async def create(self, kind: Kind, body: Json) -> Json:
        """Make an object."""
        return await self._ask("POST", kind, body=body)

    async def patch(self, kind: Kind, name: str, change: Json) -> Json:
        """Merge a change into an object (RFC 7396)."""
        return await self._ask("PATCH", kind, name, body=change)

    async def delete(self, kind: Kind, name: str) -> None:
        """Remove an object, and what it owns soon after; one that is not there is no error."""
        try:
            await self._ask("DELETE", kind, name, body={"propagationPolicy": "Background"})
        except ApiError as error:
            if error.status not in GONE_ALREADY:
                raise

    async def watch(self, kind: Kind, labels: str, version: str) -> AsyncIterator[Json]:
        """Give changes after a version, as `{"type": ..., "object": ...}`, until the watch ends."""
        query = {
            "labelSelector": labels,
            "resourceVersion": version,
            "watch": "1",
            "timeoutSeconds": str(WATCH_SECONDS),
        }
        answer = await self._send("GET", self._path(kind), query=query, seconds=WATCH_SECONDS + SECONDS)
        rest = b""
        try:
            async for chunk in answer.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield json.loads(line)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ApiError(0, f"a watch of {kind.plural} broke off: {error!r}") from error
        finally:
            answer.close()

    def _path(self, kind: Kind, name: str = "") -> str:
        end = f"/{quote(name, safe='')}" if name else ""
        return f"/{kind.group}/namespaces/{self.namespace}/{kind.plural}{end}"

    async def _ask(
        self,
        method: str,
        kind: Kind,
        name: str = "",
        *,
        query: dict[str, str] | None = None,
        body: Json | None = None,
    ) -> Json:
        answer = await self._send(method, self._path(kind, name), query=query, body=body)
        try:
            parsed: Json = await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ApiError(0, f"{kind.plural}: {error!r}") from error
        return parsed

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Json | None = None,
        seconds: float = SECONDS,
    ) -> aiohttp.ClientResponse:
        media = "application/merge-patch+json" if method == "PATCH" else "application/json"
        try:
            answer: aiohttp.ClientResponse = await self._connection.call_api(
                path,
                method,
                query_params=[(name, value) for name, value in (query or {}).items() if value],
                header_params={"Content-Type": media, "Accept": "application/json"},
                body=body,
                auth_settings=["BearerToken"],
                _preload_content=False,
                _request_timeout=seconds,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ApiError(0, f"no answer ({error!r})") from error
        if answer.status >= 300:
            raise ApiError(answer.status, await _said(answer))
        return answer


async def _said(answer: aiohttp.ClientResponse) -> str:
    """Give the words of a refusal."""
    try:
        text = await answer.text()
        return str(json.loads(text).get("message", text))
    except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
        return f"HTTP status {answer.status}"


async def follow(api: Api, kind: Kind, labels: str) -> AsyncIterator[tuple[str, Json]]:
    """Give every object now and every change of it for ever, as (`ADDED`, `MODIFIED`, `DELETED`, object).

    After a watch that broke off all is listed again; what vanished meanwhile is told as `DELETED`.
    """
    known: dict[str, Json] = {}
    while True:
        try:
            items, version = await api.list(kind, labels)
            now = {item["metadata"]["name"]: item for item in items}
            for name in set(known) - set(now):
                yield "DELETED", known.pop(name)
            for name, item in now.items():
                known[name] = item
                yield "MODIFIED", item
            async for change in api.watch(kind, labels, version):
                item = change["object"]
                if change["type"] == "ERROR":
                    break
                name = item["metadata"]["name"]
                known[name] = item
                if change["type"] == "DELETED":
                    del known[name]
                yield change["type"], item
        except ApiError as error:
            log.warning("%s can't be watched now: %s", kind.plural, error.message)
            await asyncio.sleep(1)
