"""The values that the tests install the chart with: what a small site's file would hold."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deployed.images import Image

ADMIN = "instructor"
"""The one user who may see everyone's labs."""


SMALL_LAB = {"cpu": {"guarantee": "20m"}, "memory": {"guarantee": "192Mi", "limit": "1Gi"}}
SMALL_POOL = {"config": {"memory_per_worker": 512 * 2**20, "threads_per_worker": 1}}
"""So that twenty labs and a pool fit on two small nodes."""


@dataclass(frozen=True, kw_only=True)
class Passwords:
    """What people sign in with, made anew for each installation."""

    user: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)
    admin: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)

    def of(self, name: str) -> str:
        """Give the password of a user."""
        return self.admin if name == ADMIN else self.user


@dataclass(frozen=True, kw_only=True)
class Address:
    """How the platform is reached from this machine."""

    url: str
    """Ends with a slash."""
    node_port: int | None
    """Where every node listens for it, or None: `kubectl port-forward` leads there."""

    @property
    def service(self) -> dict[str, Any]:
        """The values of the proxy's Service."""
        return {"type": "NodePort", "nodePort": self.node_port} if self.node_port else {"type": "ClusterIP"}


def values(images: Mapping[str, Image], address: Address, passwords: Passwords) -> dict[str, Any]:
    """Give the chart's values: everything inside the cluster, sign-in by a shared password."""
    return {
        "publicUrl": address.url,
        "image": {"registry": images["hub"].registry},
        "hub": {"image": _image(images["hub"]), "config": sign_in(passwords)},
        # Small workers: the whole cluster may be one machine.
        "portal": {"image": _image(images["portal"]), "jobs": {"workers": {"maximum": 2, "memory": "1Gi"}}},
        "singleuser": {"image": _image(images["lab"]), **SMALL_LAB},
        "pools": SMALL_POOL,
        "postgresql": {"image": _image(images["postgresql"])},
        "proxy": {"service": address.service},
    }


def _image(image: Image) -> dict[str, str]:
    return {"name": image.name, "digest": image.digest}


def sign_in(passwords: Passwords) -> dict[str, Any]:
    """Give JupyterHub's own settings of its shared-password authenticator."""
    return {
        "JupyterHub": {"authenticator_class": "shared-password"},
        "Authenticator": {"allow_all": True, "admin_users": [ADMIN]},
        "SharedPasswordAuthenticator": {"user_password": passwords.user, "admin_password": passwords.admin},
    }
