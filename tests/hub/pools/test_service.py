"""JupyterHub's variables of a service."""

from __future__ import annotations

import pytest

from uraniborg_hub.pools.errors import PoolError
from uraniborg_hub.pools.service import from_environment

VARIABLES = {
    "JUPYTERHUB_API_URL": "http://127.0.0.1:8081/hub/api/",
    "JUPYTERHUB_API_TOKEN": "secret",
    "JUPYTERHUB_SERVICE_PREFIX": "/services/pools/",
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:9000/services/pools/",
    "JUPYTERHUB_PUBLIC_URL": "https://sky.example/services/pools/",
    "JUPYTERHUB_PUBLIC_HUB_URL": "https://sky.example/hub/",
}


def test_the_service_that_the_variables_describe() -> None:
    service = from_environment(VARIABLES)
    assert (service.bind_host, service.bind_port, service.prefix) == ("127.0.0.1", 9000, "/services/pools/")
    assert service.api_url == "http://127.0.0.1:8081/hub/api"
    assert service.authorize_url == "/hub/api/oauth2/authorize"
    assert service.callback == "/services/pools/oauth_callback"
    assert service.dashboard("a-b") == "https://sky.example/services/pools/a-b/status"
    assert service.secure and "access:services!service=pools" in service.access_scopes


def test_a_hub_of_another_origin_keeps_its_own() -> None:
    service = from_environment(VARIABLES | {"JUPYTERHUB_PUBLIC_HUB_URL": "https://hub.example/hub/"})
    assert service.authorize_url == "https://hub.example/hub/api/oauth2/authorize"


def test_the_scopes_that_the_hub_names_count() -> None:
    service = from_environment(VARIABLES | {"JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:services!service=dask"]'})
    assert service.access_scopes == {"access:services!service=dask"}


def test_without_a_hub_there_is_no_broker() -> None:
    with pytest.raises(PoolError, match="finds no JUPYTERHUB_API_URL and no JUPYTERHUB_API_TOKEN"):
        from_environment({})
