"""JupyterHub's service variables."""

from __future__ import annotations

import pytest

from uraniborg_portal.identity.models import HubService

LAPTOP = {
    "JUPYTERHUB_API_URL": "http://127.0.0.1:9001/hub/api/",
    "JUPYTERHUB_API_TOKEN": "secret",
    "JUPYTERHUB_CLIENT_ID": "service-portal",
    "JUPYTERHUB_BASE_URL": "/",
    "JUPYTERHUB_PUBLIC_HUB_URL": "http://127.0.0.1:8000/hub/",
}


def test_without_a_hub_there_is_no_service() -> None:
    assert HubService.from_environment({}) is None


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({}, "api_url", "http://127.0.0.1:9001/hub/api"),
        ({}, "hub_path", "/hub/"),
        ({"JUPYTERHUB_PUBLIC_HUB_URL": "", "JUPYTERHUB_BASE_URL": "/jupyter/"}, "hub_path", "/jupyter/hub/"),
        ({"JUPYTERHUB_HOST": "https://hub.example"}, "hub_path", "https://hub.example/hub/"),
        ({}, "access_scopes", frozenset({"access:services", "access:services!service=portal"})),
        ({"JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["custom:x"]'}, "access_scopes", frozenset({"custom:x"})),
        ({}, "service_url", None),
        ({}, "callback", ""),
        ({"JUPYTERHUB_OAUTH_CALLBACK_URL": "https://p.hub.example/back"}, "callback", "https://p.hub.example/back"),
    ],
)
def test_the_hubs_variables_are_read(change: dict[str, str], field: str, value: object) -> None:
    assert getattr(HubService.from_environment({**LAPTOP, **change}), field) == value
