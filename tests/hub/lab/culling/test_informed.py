"""A spawner knows over the hub's restart which labs tell their use."""

from __future__ import annotations

from typing import Any

import pytest

from uraniborg_hub.kubernetes.spawner import KubernetesLabSpawner
from uraniborg_hub.lab.culling.informed import KEY, InformedSpawner
from uraniborg_hub.lab.culling.rules import rules, variables
from uraniborg_hub.lab.spawner import LocalLabSpawner


class Process:
    """What starts labs."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def get_env(self) -> dict[str, str]:
        return dict(self.environment)

    def get_state(self) -> dict[str, Any]:
        return {"pid": 7}

    def load_state(self, state: dict[str, Any]) -> None:
        self.pid = state["pid"]

    def clear_state(self) -> None:
        self.pid = 0


class Lab(InformedSpawner, Process):
    """Both."""


@pytest.mark.parametrize("tells", [True, False])
def test_it_outlives_the_hub_and_ends_with_the_lab(tells: bool) -> None:
    told = variables(rules(3600, 300, 0, 3600)) if tells else {}
    first = Lab(told)
    assert first.get_env() == told
    state = first.get_state()
    assert first.tells_its_use is tells and (KEY in state) is tells and state["pid"] == 7
    second = Lab({})
    second.load_state(state)
    assert second.tells_its_use is tells
    second.clear_state()
    assert not second.tells_its_use


@pytest.mark.parametrize("spawner", [LocalLabSpawner, KubernetesLabSpawner])
def test_both_kinds_of_labs_are_informed(spawner: type) -> None:
    assert spawner.get_env is InformedSpawner.get_env
