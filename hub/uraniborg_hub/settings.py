"""The hub's settings: one typed object per process, from `uraniborg.toml` and `URANIBORG_*` variables."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from uraniborg_hub import names
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.lab.culling.rules import STOCK_REPORTS, rules, variables
from uraniborg_hub.settings_sources import PlatformSettings, default_home


def account() -> str:
    """Give the name of the account that runs this process; `owner` where it has none (a container's free user id)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "owner"


class SignIn(BaseModel, frozen=True, extra="forbid"):
    """Who may sign in, and how (table `[hub]`)."""

    authenticator: str = "link"
    """`link` (one-time links), the entry point name of a JupyterHub authenticator, or the dotted path of its class."""
    authenticator_options: dict[str, Any] = {}
    """Settings of that class: trait name to value."""
    allowed_users: frozenset[str] = frozenset()
    """Names that may sign in; an authenticator may allow more by its own options."""
    admin_users: frozenset[str] = frozenset()
    """Names that may see and end everyone's labs; with `link` on a laptop the owner is one of them."""


class HubProcess(SignIn, frozen=True, extra="forbid"):
    """The table `[hub]`: sign-in, and the process itself, whose defaults are a laptop's."""

    database: SecretStr | None = None
    """SQLAlchemy URL of the hub's database, best as the variable URANIBORG_HUB__DATABASE; absent is SQLite in the state
    folder."""
    bind: str = "127.0.0.1"
    """Where the hub listens."""
    connect_url: str | None = None
    """The hub's address as proxy, services and labs reach it; absent is where it listens."""
    config: dict[str, dict[str, Any]] = {}
    """More of JupyterHub's configuration, class to trait to value; set last, so that it wins."""


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


class Culling(BaseModel, frozen=True, extra="forbid"):
    """What a culler beside the hub does with idle labs (table `[cull]`), so that labs warn their users."""

    timeout: int = Field(0, ge=0)
    """A lab that was not used for so long is ended, seconds; 0: nothing ends labs."""
    warning: int = Field(300, ge=0)
    """The lab's page warns so long before, seconds; 0 is never."""
    max_age: int = Field(0, ge=0)
    """A lab is ended at this age, used or not, seconds; 0 is never."""

    @model_validator(mode="after")
    def _warns_in_time(self) -> Self:
        if self.timeout and self.warning >= self.timeout:
            raise ValueError(
                f"cull.warning is {self.warning} s, not less than cull.timeout ({self.timeout} s): "
                "a lab in use would be warned of"
            )
        return self


def _local_url(settings: dict[str, Any]) -> str:
    host = settings["host"]
    return f"http://{f'[{host}]' if ':' in host else host}:{settings['port']}/"


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
    owner: str = Field(default_factory=account)
    """Who signs in by the link that a start prints: the account's own name."""
    public_url: str = Field(default_factory=_local_url)
    """The address that browsers use; ends with a slash."""
    hub: HubProcess = HubProcess()
    lab: LabLimits = LabLimits()
    cull: Culling = Culling()
    kubernetes: Kubernetes | None = None
    """How labs become pods; absent, they are processes of this machine."""

    @field_validator("owner")
    @classmethod
    def _lower_case(cls, owner: str) -> str:
        # JupyterHub knows names in lower case only.
        return owner.lower()

    @field_validator("public_url")
    @classmethod
    def _whole_site(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise ValueError(f"{url!r} is not the address of a whole site, such as 'https://uraniborg.example.org/'")
        return f"{parts.scheme}://{parts.netloc}/"

    @property
    def lab_activity(self) -> dict[str, str]:
        """The variables that tell a lab how to report its use, and when it is ended without."""
        often = self.lab.activity_seconds
        if not self.cull.timeout:
            return {STOCK_REPORTS: str(often)}
        return variables(rules(self.cull.timeout, self.cull.warning, self.cull.max_age, often))

    @property
    def has_owner(self) -> bool:
        """Whether `owner` names a person: on a cluster the account's name says nothing."""
        return self.kubernetes is None or "owner" in self.model_fields_set

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the hub's database."""
        chosen = self.hub.database
        return chosen.get_secret_value() if chosen else f"sqlite:///{names.database(self.home)}"


class Wiring(BaseSettings):
    """What the supervisor tells the hub process: where its neighbours listen, and the secrets they share."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    proxy_token: SecretStr = Field(validation_alias="CONFIGPROXY_AUTH_TOKEN")
    """Lets the hub change the proxy's routes."""
    proxy_api_url: str = Field(validation_alias="URANIBORG_PROXY_API_URL")
    """The proxy's private API."""
    hub_port: int = Field(validation_alias="URANIBORG_HUB_PORT")
    """The port at which the hub itself listens, on `hub.bind`."""
    portal_url: str = Field(validation_alias="URANIBORG_PORTAL_SERVICE_URL")
    """The portal's private address, with its prefix."""
    portal_token: SecretStr = Field(validation_alias="URANIBORG_PORTAL_API_TOKEN")
    pools_url: str = Field(validation_alias="URANIBORG_POOLS_SERVICE_URL")
    """The broker's private address, with its prefix."""
    pools_token: SecretStr = Field(validation_alias="URANIBORG_POOLS_API_TOKEN")
    cull_token: SecretStr | None = Field(None, validation_alias="URANIBORG_CULL_API_TOKEN")
    """Of the idle culler, where one runs."""
    metrics_token: SecretStr | None = Field(None, validation_alias="URANIBORG_METRICS_API_TOKEN")
    """Of whoever collects the hub's metrics."""
