"""What the portal knows of a person and of the hub."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class User:
    """A person, as the hub knows them."""

    name: str
    groups: frozenset[str] = frozenset()
    admin: bool = False


@dataclass(frozen=True, kw_only=True)
class HubService:
    """How this portal, a service of the hub, reaches the hub: JupyterHub's standard service variables."""

    api_url: str
    """The hub's API as this process reaches it, without a slash at the end."""
    api_token: str
    """The service's own token: also its OAuth client secret."""
    client_id: str
    """The OAuth client, `service-portal`."""
    service_url: str | None
    """Where to listen: `http://127.0.0.1:PORT/services/portal/`."""
    hub_path: str
    """The hub's pages as a browser reaches them: a path (`/hub/`) or, where the hub has its own host, a URL."""
    access_scopes: frozenset[str]
    """A token may use the portal when it has one of these scopes."""
    callback: str = ""
    """Where the hub sends browsers back, as it knows it; empty: `oauth_callback` below the portal's path."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> HubService | None:
        """Read the service variables; None where there is no `JUPYTERHUB_API_URL`: the portal runs alone."""
        api_url = environ.get("JUPYTERHUB_API_URL")
        if not api_url:
            return None
        client_id = environ.get("JUPYTERHUB_CLIENT_ID", "service-portal")
        return cls(
            api_url=api_url.rstrip("/"),
            api_token=environ.get("JUPYTERHUB_API_TOKEN", ""),
            client_id=client_id,
            service_url=environ.get("JUPYTERHUB_SERVICE_URL") or None,
            hub_path=hub_path(environ),
            access_scopes=access_scopes(environ, client_id.removeprefix("service-")),
            callback=environ.get("JUPYTERHUB_OAUTH_CALLBACK_URL", ""),
        )


def hub_path(environ: Mapping[str, str]) -> str:
    """Give where browsers find the hub: its path, so that any host name that reaches the portal reaches the hub."""
    host = environ.get("JUPYTERHUB_HOST", "")
    public = environ.get("JUPYTERHUB_PUBLIC_HUB_URL", "")
    base = environ.get("JUPYTERHUB_BASE_URL", "/")
    path = urlsplit(public).path if public else f"{base.rstrip('/')}/hub/"
    return f"{host}{path.rstrip('/')}/"


def access_scopes(environ: Mapping[str, str], service: str) -> frozenset[str]:
    """Give the scopes that let a token in: the hub's `JUPYTERHUB_OAUTH_ACCESS_SCOPES`, or the service's usual ones."""
    named = environ.get("JUPYTERHUB_OAUTH_ACCESS_SCOPES", "")
    if named:
        return frozenset(json.loads(named))
    return frozenset({"access:services", f"access:services!service={service}"})
