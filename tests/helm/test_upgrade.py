"""What an upgrade replaces, and what it leaves alone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from helm_python import Chart

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Manifest, Render

OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
BEFORE = {"image": {"registry": "registry.example.org"}, "hub": {"image": {"digest": OLD}}}
AFTER = {
    **BEFORE,
    "hub": {
        "image": {"digest": NEW},
        "config": {"JupyterHub": {"allow_named_servers": True}},
        "extraEnv": {"SITE": "hven"},
        "resources": {"limits": {"cpu": "3"}},
    },
    "portal": {"image": {"digest": NEW}, "config": {"anonymous_reading": False}, "extraEnv": {"SITE": "hven"}},
    "singleuser": {"image": {"digest": NEW}, "profileList": [{"slug": "big", "display_name": "Big"}]},
    "pools": {"extraEnv": {"SITE": "hven"}},
    "cull": {"timeout": 7200},
}
"""An upgrade to another version of everything, and other settings of everything but the proxy."""
HELD = {"image": {"digest": OLD}}
"""The proxy's values: the image that it has."""


@pytest.fixture(scope="module")
def next_version(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """The chart, as its next version will be called."""
    folder = tmp_path_factory.mktemp("charts") / "uraniborg"
    shutil.copytree(pytestconfig.rootpath / "helm" / "uraniborg", folder)
    about = yaml.safe_load((folder / "Chart.yaml").read_text())
    (folder / "Chart.yaml").write_text(yaml.safe_dump({**about, "version": "7.0.0", "appVersion": "7.0.0"}))
    return folder


def pod_template(manifests: list[Manifest], component: str) -> dict[str, Any]:
    """The template of a component's pods."""
    (found,) = [
        each
        for each in manifests
        if each["kind"] in {"Deployment", "StatefulSet"} and each["metadata"]["name"] == f"uraniborg-{component}"
    ]
    template: dict[str, Any] = found["spec"]["template"]
    return template


def upgraded(folder: Path, values: dict[str, Any]) -> list[Manifest]:
    """What a chart renders to over an installed one."""
    with Chart.load(folder) as chart:
        files = chart.render(values, name="uraniborg", namespace="science", is_upgrade=True)
    texts = [text for path, text in files.items() if not path.endswith("NOTES.txt")]
    return [each for text in texts for each in yaml.safe_load_all(text) if each]


def image(render: Render, values: dict[str, Any]) -> str:
    """The proxy's image."""
    found: str = pod_template(render(values), "proxy")["spec"]["containers"][0]["image"]
    return found


def test_an_upgrade_leaves_a_proxy_with_its_own_image_alone(render: Render, next_version: Path) -> None:
    before = pod_template(render(BEFORE), "proxy")
    after = upgraded(next_version, {**AFTER, "proxy": HELD})
    assert pod_template(after, "proxy") == before
    assert pod_template(after, "hub") != pod_template(render(BEFORE), "hub")


def test_without_one_it_follows_the_hub(render: Render, next_version: Path) -> None:
    changed = upgraded(next_version, AFTER)
    for component in ("proxy", "hub"):
        container = pod_template(changed, component)["spec"]["containers"][0]
        assert container["image"] == f"registry.example.org/uraniborg/hub@{NEW}"


def test_to_hold_the_image_that_the_proxy_has_changes_nothing(render: Render) -> None:
    assert pod_template(render({**BEFORE, "proxy": HELD}), "proxy") == pod_template(render(BEFORE), "proxy")


def test_a_new_version_of_the_chart_alone_replaces_nothing(render: Render, next_version: Path) -> None:
    values = {name: {"image": {"digest": OLD}} for name in ("hub", "portal", "singleuser", "postgresql")}
    before, after = render(values), upgraded(next_version, values)
    for component in ("proxy", "postgresql", "hub", "portal", "pools", "operator", "cull"):
        assert pod_template(after, component) == pod_template(before, component), component


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, f"registry.example.org/uraniborg/hub@{OLD}"),
        ({"tag": "1.2.3"}, "registry.example.org/uraniborg/hub:1.2.3"),
        ({"digest": NEW}, f"registry.example.org/uraniborg/hub@{NEW}"),
        ({"digest": NEW, "tag": "1.2.3"}, f"registry.example.org/uraniborg/hub@{NEW}"),
        ({"name": "site/proxy", "digest": NEW}, f"registry.example.org/site/proxy@{NEW}"),
        ({"name": "site/proxy"}, "registry.example.org/site/proxy:0.1.0"),
    ],
)
def test_the_proxys_image_is_the_hubs_until_it_has_its_own(render: Render, own: dict[str, str], expected: str) -> None:
    assert image(render, {**BEFORE, "proxy": {"image": own}}) == expected
