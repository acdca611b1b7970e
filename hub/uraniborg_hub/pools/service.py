"""Where the broker stands among the hub's services: JupyterHub's standard variables as one frozen value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from uraniborg_hub.pools.errors import PoolError


def origin(url: str) -> str:
    """Give scheme, host and port of a URL, as a browser's `Origin` header has them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, kw_only=True)
class Service:
    """The broker's place: addresses, its own token, and the scopes that let a user in."""

    api_url: str
    """The hub's REST API, without a slash at the end."""
    token: str
    """The broker's own hub token."""
    client_id: str
    prefix: str
    """Path of the service, with a slash at both ends."""
    bind_host: str
    bind_port: int
    public_url: str
    """What a browser opens for `prefix`, with a slash at the end."""
    authorize_url: str
    """The hub's OAuth page; relative when hub and broker share an origin, so that any name of the machine works."""
    callback: str
    """The redirect address registered at the hub."""
    access_scopes: frozenset[str]
    """A token needs one of them."""

    @property
    def secure(self) -> bool:
        """Whether browsers reach the service over TLS."""
        return self.public_url.startswith("https://")

    def pool_path(self, name: str) -> str:
        """Give the path below which a pool's dashboard is shown, without a slash at the end."""
        return f"{self.prefix}{name}"

    def dashboard(self, name: str) -> str:
        """Give the address of a pool's dashboard for a browser."""
        return f"{self.public_url}{name}/status"


def scopes(variables: Mapping[str, str], prefix: str) -> frozenset[str]:
    """Give the scopes that open the service: what the hub names, otherwise access to the service of that name."""
    named = variables.get("JUPYTERHUB_OAUTH_ACCESS_SCOPES")
    if named:
        return frozenset(json.loads(named))
    name = variables.get("JUPYTERHUB_SERVICE_NAME") or prefix.strip("/").rsplit("/", 1)[-1]
    return frozenset({"access:services", f"access:services!service={name}"})


def from_environment(variables: Mapping[str, str]) -> Service:
    """Give the service that JupyterHub's variables describe.

    Raises
    ------
    PoolError
        A variable is missing: the broker runs as a service of a hub only.
    """
    missing = [name for name in ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN") if not variables.get(name)]
    if missing:
        raise PoolError(
            f"The pool broker is a service of a JupyterHub and finds no {' and no '.join(missing)}.",
            "Start it with `uraniborg up`, or set JupyterHub's variables of a service.",
        )
    prefix = f"/{variables.get('JUPYTERHUB_SERVICE_PREFIX', '/services/pools/').strip('/')}/"
    bind = urlsplit(variables.get("JUPYTERHUB_SERVICE_URL") or "http://127.0.0.1:0")
    public = variables.get("JUPYTERHUB_PUBLIC_URL") or f"http://127.0.0.1:8000{prefix}"
    base = variables.get("JUPYTERHUB_BASE_URL", "/").rstrip("/")
    public_hub = variables.get("JUPYTERHUB_PUBLIC_HUB_URL") or f"{origin(public)}{base}/hub/"
    authorize = f"{public_hub.rstrip('/')}/api/oauth2/authorize"
    return Service(
        api_url=variables["JUPYTERHUB_API_URL"].rstrip("/"),
        token=variables["JUPYTERHUB_API_TOKEN"],
        client_id=variables.get("JUPYTERHUB_CLIENT_ID", "service-pools"),
        prefix=prefix,
        bind_host=bind.hostname or "127.0.0.1",
        bind_port=bind.port or 0,
        public_url=f"{public.rstrip('/')}/",
        authorize_url=authorize.removeprefix(origin(public)),
        callback=variables.get("JUPYTERHUB_OAUTH_CALLBACK_URL") or f"{prefix}oauth_callback",
        access_scopes=scopes(variables, prefix),
    )
