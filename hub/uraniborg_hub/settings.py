"""The hub's settings: one typed object per process, from `uraniborg.toml` and `URANIBORG_*` variables."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from uraniborg_hub.settings_sources import PlatformSettings, default_home


class SignIn(BaseModel, frozen=True, extra="forbid"):
    """Who may sign in, and how (table `[hub]`)."""

    authenticator: str = "link"
    """`link` (one-time links), the entry point name of a JupyterHub authenticator, or the dotted path of its class."""
    authenticator_options: dict[str, Any] = {}
    """Settings of that class: trait name to value."""
    allowed_users: frozenset[str] = frozenset()
    """Names that may sign in; an authenticator may allow more by its own options."""
    admin_users: frozenset[str] = frozenset()
    """Names that may see and end everyone's labs; with `link` the owner is one of them."""


class LabLimits(BaseModel, frozen=True, extra="forbid"):
    """How labs start and end (table `[lab]`)."""

    start_seconds: float = Field(120, gt=0)
    """A lab that has not answered by then has failed, seconds."""
    stop_seconds: float = Field(6, gt=0)
    """A lab gets so long to end by itself, seconds; then it is killed."""
    at_once: int = Field(100, gt=0)
    """Labs that may be starting at one time."""
    activity_seconds: int = Field(3600, gt=0)
    """A lab tells the hub that often when it was last used, seconds."""


class HubSettings(PlatformSettings):
    """Every number and switch of the hub that an operator may change.

    Raises
    ------
    PlatformError
        A value or the TOML file is wrong; names the setting and what it accepts.
    """

    home: Path = Field(default_factory=default_home)
    """The state folder; the hub writes under `home/hub` and `home/labs` only."""
    host: str = "127.0.0.1"
    """Where the proxy listens; everything behind it stays on 127.0.0.1."""
    port: int = Field(8000, gt=0, lt=65536)
    """The proxy's port."""
    data_mirror: str | None = None
    """A folder or URL that is tried first for data files."""
    owner: str = Field(default_factory=getpass.getuser)
    """Who signs in by the link that a start prints: the account's own name."""
    hub: SignIn = SignIn()
    lab: LabLimits = LabLimits()

    @field_validator("owner")
    @classmethod
    def _lower_case(cls, owner: str) -> str:
        # JupyterHub knows names in lower case only.
        return owner.lower()

    @property
    def public_url(self) -> str:
        """The address that browsers use; ends with a slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


class Wiring(BaseSettings):
    """What the supervisor tells the hub process: where its neighbours listen, and the secrets they share."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    proxy_token: SecretStr = Field(validation_alias="CONFIGPROXY_AUTH_TOKEN")
    """Lets the hub change the proxy's routes."""
    proxy_api_url: str = Field(validation_alias="URANIBORG_PROXY_API_URL")
    """The proxy's private API."""
    hub_port: int = Field(validation_alias="URANIBORG_HUB_PORT")
    """Where the hub itself listens, on 127.0.0.1."""
    portal_url: str = Field(validation_alias="URANIBORG_PORTAL_SERVICE_URL")
    """The portal's private address, with its prefix."""
    portal_token: SecretStr = Field(validation_alias="URANIBORG_PORTAL_API_TOKEN")
    pools_url: str = Field(validation_alias="URANIBORG_POOLS_SERVICE_URL")
    """The broker's private address, with its prefix."""
    pools_token: SecretStr = Field(validation_alias="URANIBORG_POOLS_API_TOKEN")
