"""A cluster on loopback, and the portal's place at a hub."""

from __future__ import annotations

import pytest
from dask_on_loopback import TOKEN, broker

from uraniborg_portal.identity.models import HubService

__all__ = ["broker", "hub"]


@pytest.fixture
def hub() -> HubService:
    """The portal's place at a hub that nobody asks."""
    return HubService(
        api_url="http://127.0.0.1:9/hub/api",
        api_token=TOKEN,
        client_id="service-portal",
        service_url=None,
        hub_path="/hub/",
        access_scopes=frozenset({"access:services"}),
    )
