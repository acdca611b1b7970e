"""Settings of a cluster, a spawner without one, and pods as the API gives them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from traitlets.config import Config

from uraniborg_hub.kubernetes.pod import traits
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.kubernetes.spawner import KubernetesLabSpawner

DATA = Path(__file__).parent / "data"
TABLE: dict[str, Any] = {
    "namespace": "labs",
    "service_account": "uraniborg-lab",
    "image": "registry.example.org/lab@sha256:1f",
    "portal_url": "http://uraniborg-portal:8000/services/portal/",
    "pools_url": "http://uraniborg-pools:8000/services/pools/",
    "home": {"kind": "shared", "claim": "homes"},
}


@pytest.fixture
def settings() -> Callable[..., Kubernetes]:
    """Makes the table `[kubernetes]` of a small site, with changes."""
    return lambda **changes: Kubernetes.model_validate({**TABLE, **changes})


@pytest.fixture
def recorded() -> Callable[[str], dict[str, Any]]:
    """Gives a pod with its events and log as a real cluster gave them, by the file's name."""
    return lambda name: dict(json.loads((DATA / f"{name}.json").read_text()))


@pytest.fixture
def spawner(
    monkeypatch: pytest.MonkeyPatch, settings: Callable[..., Kubernetes]
) -> Callable[..., KubernetesLabSpawner]:
    """Makes a spawner for `tycho` from changes of the table; it reaches no cluster."""
    monkeypatch.setattr("kubespawner.spawner.load_config", lambda **_: None)

    def make(**changes: object) -> KubernetesLabSpawner:
        table = settings(**changes)
        config = Config()
        config.KubeSpawner.update(traits(table, "https://example.org/", {}, 6.0))
        config.KubernetesLabSpawner.settings = table
        user = SimpleNamespace(
            name="tycho", id=1, url="/user/tycho/", escaped_name="tycho", groups=[SimpleNamespace(name="radio")]
        )
        return KubernetesLabSpawner(config=config, _mock=True, user=user)

    return make
