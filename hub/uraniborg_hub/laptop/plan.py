"""Which processes make a platform, with which arguments and environment: decided here, started elsewhere."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from uraniborg_hub.names import PLATFORM


def _token() -> str:
    return secrets.token_hex(24)


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where each process listens; all but the public one are private to this machine."""

    public: int
    proxy_api: int
    hub: int
    portal: int
    pools: int


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Made anew at each start, passed in environments, never written to disk."""

    proxy: str = field(default_factory=_token, repr=False)
    portal: str = field(default_factory=_token, repr=False)
    pools: str = field(default_factory=_token, repr=False)


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What a plan is made from."""

    home: Path
    host: str
    ports: Ports
    secrets: Secrets
    node: Path
    proxy_script: Path
    hub_config: Path

    @property
    def url(self) -> str:
        """The address a browser uses; ends with a slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.ports.public}/"

    def service_url(self, name: str) -> str:
        """Give the private address of a service with its prefix."""
        return f"http://127.0.0.1:{getattr(self.ports, name)}/services/{name}/"


@dataclass(frozen=True, kw_only=True)
class ProcessSpec:
    """One process: what to run, and the address that answers when it is up."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    health: str


def processes(platform: Platform, environment: Mapping[str, str]) -> tuple[ProcessSpec, ...]:
    """Give the processes of a platform, in the order in which they start."""
    base = {
        **{name: value for name, value in environment.items() if not name.startswith("JUPYTERHUB_")},
        "URANIBORG_HOME": str(platform.home),
        PLATFORM: str(platform.home),
    }
    return (
        _proxy(platform, base),
        _service(platform, base, "portal", ("-m", "uraniborg_portal")),
        _service(platform, base, "pools", ("-m", "uraniborg_hub.pools")),
        _hub(platform, base),
    )


def _proxy(platform: Platform, base: Mapping[str, str]) -> ProcessSpec:
    ports = platform.ports
    argv = (
        str(platform.node),
        str(platform.proxy_script),
        f"--ip={platform.host}",
        f"--port={ports.public}",
        "--api-ip=127.0.0.1",
        f"--api-port={ports.proxy_api}",
        f"--default-target=http://127.0.0.1:{ports.hub}",
        f"--error-target=http://127.0.0.1:{ports.hub}/hub/error",
        "--log-level=warn",
    )
    health = f"http://127.0.0.1:{ports.proxy_api}/api/routes"
    environment = {**base, "CONFIGPROXY_AUTH_TOKEN": platform.secrets.proxy}
    return ProcessSpec(name="proxy", argv=argv, environment=environment, health=health)


def _service(platform: Platform, base: Mapping[str, str], name: str, module: tuple[str, ...]) -> ProcessSpec:
    public = f"{platform.url}services/{name}/"
    environment = {
        **base,
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{platform.ports.hub}/hub/api",
        "JUPYTERHUB_API_TOKEN": getattr(platform.secrets, name),
        "JUPYTERHUB_SERVICE_NAME": name,
        "JUPYTERHUB_SERVICE_PREFIX": f"/services/{name}/",
        "JUPYTERHUB_SERVICE_URL": platform.service_url(name),
        "JUPYTERHUB_CLIENT_ID": f"service-{name}",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_PUBLIC_URL": public,
        "JUPYTERHUB_PUBLIC_HUB_URL": f"{platform.url}hub/",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"/services/{name}/oauth_callback",
    }
    health = f"{platform.service_url(name)}api/health"
    return ProcessSpec(name=name, argv=(sys.executable, *module), environment=environment, health=health)


def _hub(platform: Platform, base: Mapping[str, str]) -> ProcessSpec:
    ports = platform.ports
    environment = {
        **base,
        "CONFIGPROXY_AUTH_TOKEN": platform.secrets.proxy,
        "URANIBORG_HOST": platform.host,
        "URANIBORG_PORT": str(ports.public),
        "URANIBORG_PROXY_API_URL": f"http://127.0.0.1:{ports.proxy_api}",
        "URANIBORG_HUB_PORT": str(ports.hub),
        "URANIBORG_PORTAL_SERVICE_URL": platform.service_url("portal"),
        "URANIBORG_PORTAL_API_TOKEN": platform.secrets.portal,
        "URANIBORG_POOLS_SERVICE_URL": platform.service_url("pools"),
        "URANIBORG_POOLS_API_TOKEN": platform.secrets.pools,
    }
    argv = (sys.executable, "-m", "uraniborg_hub.hub", f"--config={platform.hub_config}")
    health = f"http://127.0.0.1:{ports.hub}/hub/api/"
    return ProcessSpec(name="hub", argv=argv, environment=environment, health=health)
