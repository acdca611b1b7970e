"""Settings to JupyterHub's configuration, and the services and roles in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from uraniborg_hub.configure import configure
from uraniborg_hub.errors import PlatformError
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.lab.culling.rules import read, rules
from uraniborg_hub.services import READING, roles, services
from uraniborg_hub.settings import Culling, HubProcess, HubSettings, Wiring

TOKENS = {
    "CONFIGPROXY_AUTH_TOKEN": "one",
    "URANIBORG_PROXY_API_URL": "http://127.0.0.1:8001",
    "URANIBORG_HUB_PORT": 8081,
    "URANIBORG_PORTAL_SERVICE_URL": "http://127.0.0.1:9001/services/portal/",
    "URANIBORG_PORTAL_API_TOKEN": "two",
    "URANIBORG_POOLS_SERVICE_URL": "http://127.0.0.1:9002/services/pools/",
    "URANIBORG_POOLS_API_TOKEN": "three",
}
WIRING = Wiring.model_validate(TOKENS)


def configured(home: Path, **sign_in: object) -> Config:
    config = Config()
    configure(config, HubSettings(home=home, owner="tycho", hub=HubProcess.model_validate(sign_in)), WIRING)
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


def test_only_with_a_culler_labs_alone_say_when_they_are_used(tmp_path: Path) -> None:
    plain = configured(tmp_path)
    assert plain.Spawner.environment["JUPYTERHUB_ACTIVITY_INTERVAL"] == "3600"
    culled = Config()
    configure(culled, HubSettings(home=tmp_path, cull=Culling(timeout=600)), WIRING)
    assert read(culled.Spawner.environment) == rules(600, 300, 0, 3600)


def test_a_warning_has_to_fit_before_the_end() -> None:
    with pytest.raises(ValueError, match=r"cull\.warning is 300 s"):
        Culling(timeout=300)


def test_options_reach_the_class_and_wrong_ones_do_not(tmp_path: Path) -> None:
    options = {"client_id": "us", "scope": ["openid"]}
    config = configured(tmp_path, authenticator="generic-oauth", authenticator_options=options)
    assert config.GenericOAuthenticator.client_id == "us"
    with pytest.raises(PlatformError):
        configured(tmp_path, authenticator="generic-oauth", authenticator_options={"klient_id": "us"})


KUBERNETES = Kubernetes(
    namespace="labs",
    image="registry.example.org/lab@sha256:1f",
    portal_url="http://uraniborg-portal.platform:8000/services/portal/",
    pools_url="http://uraniborg-pools.platform:8000/services/pools/",
)


def on_a_cluster(home: Path, **hub: object) -> Config:
    config, process = Config(), HubProcess.model_validate({"authenticator": "null", "bind": "0.0.0.0", **hub})
    settings = HubSettings(home=home, public_url="https://example.org", hub=process, kubernetes=KUBERNETES)
    configure(config, settings, WIRING)
    return config


def test_on_a_cluster_the_hub_is_reached_by_its_service_and_labs_are_pods(tmp_path: Path) -> None:
    config = on_a_cluster(tmp_path, connect_url="http://uraniborg-hub.platform:8081", database="postgresql://h@db/hub")
    hub = config.JupyterHub
    assert (hub.hub_bind_url, hub.hub_connect_url) == ("http://0.0.0.0:8081", "http://uraniborg-hub.platform:8081")
    assert (hub.public_url, hub.db_url) == ("https://example.org/", "postgresql://h@db/hub")
    assert hub.spawner_class.endswith("KubernetesLabSpawner") and "LocalLabSpawner" not in config
    assert config.KubeSpawner.environment["URANIBORG_PUBLIC_URL"] == "https://example.org/"
    assert config.Spawner.server_token_scopes == configured(tmp_path).Spawner.server_token_scopes
    assert config.Spawner.start_timeout > HubSettings(home=tmp_path).lab.start_seconds


def test_a_start_is_never_asked_for_a_failure_that_it_does_not_have_yet(tmp_path: Path) -> None:
    assert on_a_cluster(tmp_path).JupyterHub.tornado_settings["slow_spawn_timeout"] == 0
    assert "slow_spawn_timeout" not in configured(tmp_path).JupyterHub.tornado_settings


def test_a_hub_that_is_stopped_ends_the_labs_of_a_laptop_and_leaves_those_of_a_cluster(tmp_path: Path) -> None:
    assert on_a_cluster(tmp_path).JupyterHub.cleanup_servers is False
    assert "cleanup_servers" not in configured(tmp_path).JupyterHub


def test_a_database_server_that_is_gone_does_not_hold_the_hub_up(tmp_path: Path) -> None:
    assert on_a_cluster(tmp_path, database="postgresql+psycopg://h@db/hub").JupyterHub.db_kwargs["connect_args"]
    assert "db_kwargs" not in configured(tmp_path).JupyterHub


def test_what_an_operator_configures_of_jupyterhub_wins(tmp_path: Path) -> None:
    extra = {"KubeSpawner": {"namespace": "elsewhere"}, "Authenticator": {"enable_auth_state": True}}
    config = on_a_cluster(tmp_path, config=extra)
    assert config.KubeSpawner.namespace == "elsewhere" and config.KubeSpawner.working_dir == "/home/lab"
    assert config.Authenticator.enable_auth_state is True


def test_the_account_of_a_container_administers_nothing_unless_named(tmp_path: Path) -> None:
    assert on_a_cluster(tmp_path, authenticator="link").Authenticator.admin_users == set()
    assert on_a_cluster(tmp_path, authenticator="link").LinkAuthenticator.home == tmp_path


def test_a_culler_may_end_labs_and_a_collector_read_metrics_where_they_have_a_token() -> None:
    assert not {"cull", "metrics"} & {service["name"] for service in services(WIRING)}
    wired = Wiring.model_validate({**TOKENS, "URANIBORG_CULL_API_TOKEN": "four", "URANIBORG_METRICS_API_TOKEN": "five"})
    assert [service.get("api_token") for service in services(wired)] == ["two", "three", "four", "five"]
    granted = {role["name"]: role for role in roles(wired)}
    assert "delete:servers" in granted["uraniborg-cull"]["scopes"] and granted["uraniborg-cull"]["services"] == ["cull"]
    assert granted["uraniborg-metrics"]["scopes"] == ["read:metrics"]


def test_services_may_read_who_there_is_and_start_nothing() -> None:
    assert [service["name"] for service in services(WIRING)] == ["portal", "pools"]
    assert all("command" not in service for service in services(WIRING))
    granted = {role["name"]: role for role in roles(WIRING)}
    assert granted["uraniborg-services"]["services"] == ["portal", "pools"]
    assert not any(scope.startswith(("admin", "servers", "start:", "access:servers", "tokens")) for scope in READING)
    assert "access:services!service=portal" in granted["user"]["scopes"]
