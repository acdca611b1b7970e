"""The API server as a Job of the chart reaches it: by its pod's service account, with the standard library alone."""

from __future__ import annotations

import json
import os
import ssl
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet puts the token and the authority of the API server."""

FORBIDDEN = 403
NOT_FOUND = 404
SECONDS = 30
"""How long one request may take, seconds."""


class RefusedByCluster(Exception):
    """The API server did not do what was asked; the text is its own answer."""


class Forbidden(RefusedByCluster):
    """The service account may not do what was asked."""


class ClusterApi:
    """Objects of the API server as dictionaries.

    Raises
    ------
    RefusedByCluster
        From every method: the server refused, with its words.
    """

    def __init__(self, url: str, token: str, authority: str | None = None) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._opener = _opener(authority)

    @classmethod
    def of_this_pod(cls) -> ClusterApi:
        """Give the API server of the cluster that this pod runs in."""
        host = os.environ["KUBERNETES_SERVICE_HOST"]
        host = f"[{host}]" if ":" in host else host
        url = f"https://{host}:{os.environ.get('KUBERNETES_SERVICE_PORT', '443')}"
        return cls(url, (ACCOUNT / "token").read_text().strip(), str(ACCOUNT / "ca.crt"))

    def get(self, path: str) -> dict[str, Any] | None:
        """Give an object or a list; None where there is none."""
        return self._ask("GET", path)

    def create(self, path: str, body: dict[str, Any]) -> None:
        """Make an object in the collection at `path`."""
        self._ask("POST", path, json.dumps(body).encode())

    def merge(self, path: str, body: dict[str, Any]) -> None:
        """Change what `body` names of an object; one that is gone is no error."""
        self._ask("PATCH", path, json.dumps(body).encode(), "application/merge-patch+json")

    def apply(self, path: str, manifest: str) -> None:
        """Make or update an object from YAML, by server-side apply; fields that others set are taken over."""
        self._ask(
            "PATCH", f"{path}?fieldManager=uraniborg&force=true", manifest.encode(), "application/apply-patch+yaml"
        )

    def delete(self, path: str) -> None:
        """Remove an object or a selection of them; one that is gone is no error."""
        self._ask("DELETE", path)

    def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind, "Accept": "application/json"}
        request = Request(self._url + path, data=body, method=method, headers=headers)
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except HTTPError as error:
            if error.code == NOT_FOUND and method != "POST":
                return None
            kind_of = Forbidden if error.code == FORBIDDEN else RefusedByCluster
            raise kind_of(f"{method} {path}: {_words(error)}") from error


def _opener(authority: str | None) -> OpenerDirector:
    # A proxy that the environment names is for the internet, never for the API server.
    direct = ProxyHandler({})
    context = ssl.create_default_context(cafile=authority)
    # From 3.13 on Python wants extensions that the authorities of many clusters lack; chain and name are checked still.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return build_opener(direct, HTTPSHandler(context=context))


def _words(error: HTTPError) -> str:
    text = error.read().decode(errors="replace")
    try:
        message: str = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {text[:300]}"
    return f"{error.code} {message}"
