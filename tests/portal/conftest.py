"""A portal in memory, with the real samples, for every test of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings

PREFIX = "/services/portal/"


@pytest.fixture(scope="session")
def portal_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder for the session: its samples are installed once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def portal(portal_home: Path) -> Iterator[TestClient]:
    """A portal that runs alone, without a network; paths are relative to its prefix."""
    app = create_app(Settings(home=portal_home, network=False))
    with TestClient(app, base_url=f"http://testserver{PREFIX}", raise_server_exceptions=False) as client:
        yield client
