"""Settings to JupyterHub's configuration, and the services and roles in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from uraniborg_hub.configure import configure
from uraniborg_hub.errors import PlatformError
from uraniborg_hub.services import READING, roles, services
from uraniborg_hub.settings import HubSettings, SignIn, Wiring

WIRING = Wiring(
    CONFIGPROXY_AUTH_TOKEN="one",
    URANIBORG_PROXY_API_URL="http://127.0.0.1:8001",
    URANIBORG_HUB_PORT=8081,
    URANIBORG_PORTAL_SERVICE_URL="http://127.0.0.1:9001/services/portal/",
    URANIBORG_PORTAL_API_TOKEN="two",
    URANIBORG_POOLS_SERVICE_URL="http://127.0.0.1:9002/services/pools/",
    URANIBORG_POOLS_API_TOKEN="three",
)


def configured(home: Path, **sign_in: object) -> Config:
    config = Config()
    configure(config, HubSettings(home=home, owner="tycho", hub=SignIn.model_validate(sign_in)), WIRING)
    return config


def test_the_hub_stays_on_this_machine_and_keeps_its_state_in_its_folder(tmp_path: Path) -> None:
    hub = configured(tmp_path).JupyterHub
    assert hub.hub_bind_url == "http://127.0.0.1:8081" and hub.bind_url == "http://127.0.0.1:8000/"
    assert hub.db_url == f"sqlite:///{tmp_path}/hub/jupyterhub.sqlite"
    assert Path(hub.cookie_secret_file).parent == tmp_path / "hub"


def test_the_owner_administers_a_laptop_and_nobody_a_server_unless_named(tmp_path: Path) -> None:
    assert configured(tmp_path).Authenticator.admin_users == {"tycho"}
    assert configured(tmp_path, authenticator="null").Authenticator.admin_users == set()
    server = configured(tmp_path, authenticator="null", admin_users=["sophie"], allowed_users=["sophie", "kepler"])
    assert server.Authenticator.admin_users == {"sophie"}
    assert server.Authenticator.allowed_users == {"sophie", "kepler"}


def test_options_reach_the_class_and_wrong_ones_do_not(tmp_path: Path) -> None:
    options = {"client_id": "us", "scope": ["openid"]}
    config = configured(tmp_path, authenticator="generic-oauth", authenticator_options=options)
    assert config.GenericOAuthenticator.client_id == "us"
    with pytest.raises(PlatformError):
        configured(tmp_path, authenticator="generic-oauth", authenticator_options={"klient_id": "us"})


def test_services_may_read_who_there_is_and_start_nothing() -> None:
    assert [service["name"] for service in services(WIRING)] == ["portal", "pools"]
    assert all("command" not in service for service in services(WIRING))
    granted = {role["name"]: role for role in roles()}
    assert granted["uraniborg-services"]["services"] == ["portal", "pools"]
    assert not any(scope.startswith(("admin", "servers", "start:", "access:servers", "tokens")) for scope in READING)
    assert "access:services!service=portal" in granted["user"]["scopes"]
