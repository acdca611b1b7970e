"""The hub's services and roles: who may ask the hub, the portal, the broker and the labs for what."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from uraniborg_hub.names import POOLS, PORTAL
from uraniborg_hub.settings import Wiring

USER_SCOPES = ["self", *(f"access:services!service={name}" for name in (PORTAL, POOLS))]
"""What a signed-in person may do: everything with what is theirs, and use our services."""

READING = ["list:users", "read:users:name", "read:users:groups", "read:users:activity", "read:servers"]
"""What both services may ask the hub by themselves: who there is, and whose labs run. They can start, enter or
change nothing."""

BROWSER_SCOPES = ["read:users:name!user", "read:users:groups!user", "read:servers!user"]
"""What a service may do in the name of a person whose browser signed in to it."""


HELPERS = {
    "cull": ("End labs that nobody uses", ["list:users", "read:users:activity", "read:servers", "delete:servers"]),
    "metrics": ("Read the hub's metrics", ["read:metrics"]),
}
"""Programs that only ask the hub: name to role and scopes; each is known where the wiring has its token."""


def services(wiring: Wiring) -> list[dict[str, Any]]:
    """Give the services as JupyterHub takes them; others start them, the hub only knows them."""
    return [
        _service(PORTAL, wiring.portal_url, wiring.portal_token.get_secret_value()),
        _service(POOLS, wiring.pools_url, wiring.pools_token.get_secret_value()),
        *({"name": name, "api_token": token.get_secret_value()} for name, token in _helpers(wiring).items()),
    ]


def roles(wiring: Wiring) -> list[dict[str, Any]]:
    """Give the roles that JupyterHub loads at its start."""
    return [
        *(
            {
                "name": f"uraniborg-{name}",
                "description": HELPERS[name][0],
                "scopes": HELPERS[name][1],
                "services": [name],
            }
            for name in _helpers(wiring)
        ),
        {"name": "user", "description": "Standard user privileges", "scopes": USER_SCOPES},
        {
            "name": "uraniborg-services",
            "description": "Know who there is and whose labs run",
            "scopes": READING,
            "services": [PORTAL, POOLS],
        },
    ]


def _helpers(wiring: Wiring) -> dict[str, SecretStr]:
    tokens = {"cull": wiring.cull_token, "metrics": wiring.metrics_token}
    return {name: token for name, token in tokens.items() if token is not None}


def _service(name: str, url: str, token: str) -> dict[str, Any]:
    return {
        "name": name,
        "url": url,
        "api_token": token,
        "oauth_client_id": f"service-{name}",
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": BROWSER_SCOPES,
        "display": name == PORTAL,
        # The hub does not wait for them at its start: the supervisor does.
        "timeout": 0,
    }
