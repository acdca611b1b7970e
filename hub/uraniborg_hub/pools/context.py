"""All wiring: what a process of the broker is made of, once."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import cast

import httpx
from fastapi.requests import HTTPConnection

from uraniborg_hub.pools.backend import Backend
from uraniborg_hub.pools.hub_api import HubAPI
from uraniborg_hub.pools.identity import Identity, TokenMemory
from uraniborg_hub.pools.lives import Pools
from uraniborg_hub.pools.service import Service
from uraniborg_hub.pools.sessions import SIGN_IN_SECONDS, Seal
from uraniborg_hub.pools.settings import PoolLimits
from uraniborg_hub.pools.standing import Standing


@dataclass(frozen=True, kw_only=True)
class Context:
    """The parts of the broker."""

    service: Service
    limits: PoolLimits
    client: httpx.AsyncClient
    """Speaks to the hub and to dashboards; keeps no cookie, since all users share it."""
    hub: HubAPI
    identity: Identity
    session_seal: Seal
    sign_in_seal: Seal
    pools: Pools
    standing: Standing


def build(service: Service, limits: PoolLimits, backend: Backend) -> Context:
    """Give the parts, put together."""
    no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
    client = httpx.AsyncClient(trust_env=False, cookies=no_cookies, timeout=httpx.Timeout(10, read=60))
    hub = HubAPI(service, client)
    session_seal = Seal(service.token, limits.session_seconds)
    return Context(
        service=service,
        limits=limits,
        client=client,
        hub=hub,
        identity=Identity(service, TokenMemory(hub, limits.token_seconds), session_seal),
        session_seal=session_seal,
        sign_in_seal=Seal(f"sign-in {service.token}", SIGN_IN_SECONDS),
        pools=Pools(backend, limits, service.prefix),
        # Without a cluster there is nothing that it could stand on.
        standing=Standing(backend, limits.compute if limits.kubernetes else None, service.prefix),
    )


def context(connection: HTTPConnection) -> Context:
    """Give the parts of the application that answers this request."""
    return cast(Context, connection.app.state.context)
