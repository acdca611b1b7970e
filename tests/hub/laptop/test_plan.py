"""The plan of a platform: four processes, secrets where they belong and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from uraniborg_hub.laptop.plan import Platform, Ports, Secrets, processes
from uraniborg_hub.laptop.up import has_desktop


def platform(host: str = "127.0.0.1") -> Platform:
    """A platform on paper."""
    return Platform(
        home=Path("/state"),
        host=host,
        ports=Ports(public=8000, proxy_api=1, hub=2, portal=3, pools=4),
        secrets=Secrets(),
        node=Path("/node"),
        proxy_script=Path("/chp"),
        hub_config=Path("/config.py"),
    )


def test_each_secret_reaches_its_two_ends_alone() -> None:
    plan = platform()
    specs = {spec.name: spec for spec in processes(plan, {"PATH": "/bin", "JUPYTERHUB_API_TOKEN": "an older one"})}
    assert set(specs) == {"proxy", "hub", "portal", "pools"}
    secrets = {"proxy": plan.secrets.proxy, "portal": plan.secrets.portal, "pools": plan.secrets.pools}
    holders = {
        name: {spec.name for spec in specs.values() if secret in spec.environment.values()}
        for name, secret in secrets.items()
    }
    assert holders == {"proxy": {"proxy", "hub"}, "portal": {"portal", "hub"}, "pools": {"pools", "hub"}}
    assert all(secret not in " ".join(spec.argv) for spec in specs.values() for secret in secrets.values())
    assert "an older one" not in specs["hub"].environment.values()


def test_secrets_are_not_shown() -> None:
    plan = platform()
    assert plan.secrets.portal not in repr(plan)
    assert plan.secrets.portal not in repr(processes(plan, {}))


def test_addresses_of_ipv6_have_brackets() -> None:
    assert platform("::1").url == "http://[::1]:8000/"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"DISPLAY": ":0"}, True),
        ({"DISPLAY": ":0", "CI": "true"}, False),
        ({"WAYLAND_DISPLAY": "w"}, True),
        ({}, False),
    ],
)
def test_a_browser_opens_on_a_desktop_alone(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert has_desktop(environment) is expected
