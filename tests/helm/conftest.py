"""The chart, rendered by the real Helm as a library: no cluster, no network."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Chart

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm" / "uraniborg"
EXAMPLES = ROOT / "helm" / "examples"
NAME, NAMESPACE = "uraniborg", "science"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Manifest = dict[str, Any]
Render = Callable[..., list[Manifest]]


def examples() -> dict[str, dict[str, Any]]:
    """The values of every example by its name, the chart's defaults among them."""
    found = {path.stem: yaml.safe_load(path.read_text()) for path in sorted(EXAMPLES.glob("*.yaml"))}
    application = yaml.safe_load((EXAMPLES / "argocd" / "application.yaml").read_text())
    return {"defaults": {}, "argocd": application["spec"]["source"]["helm"]["valuesObject"], **found}


@pytest.fixture(scope="session")
def chart() -> Iterator[Chart]:
    with Chart.load(CHART) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def render(chart: Chart) -> Render:
    """Render values to manifests."""

    @cache
    def once(values: str, name: str) -> str:
        files = chart.render(json.loads(values), name=name, namespace=NAMESPACE)
        texts = [text for path, text in sorted(files.items()) if not path.endswith("NOTES.txt")]
        return json.dumps([manifest for text in texts for manifest in yaml.load_all(text, LOADER) if manifest])

    def rendered(values: dict[str, Any] | None = None, *, name: str = NAME) -> list[Manifest]:
        manifests: list[Manifest] = json.loads(once(json.dumps(values or {}), name))
        return manifests

    return rendered


@pytest.fixture(params=examples(), scope="session")
def example(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The values of each example in turn."""
    return examples()[request.param]


@pytest.fixture(scope="session")
def manifests(render: Render, example: dict[str, Any]) -> list[Manifest]:
    """What each example renders to, in turn."""
    return render(example)


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets a test import the scripts of the chart, as its pods run them."""
    folders = [CHART / "files" / name for name in ("hooks", "start")]
    for folder in folders:
        monkeypatch.syspath_prepend(folder)
    yield
    for path in (path for folder in folders for path in folder.glob("*.py")):
        sys.modules.pop(path.stem, None)


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod that a manifest makes."""

    where: str
    namespace: str
    labels: dict[str, str]
    selector: dict[str, str] | None
    """Of the object that makes it; None where it is a Pod or a Job."""
    spec: dict[str, Any]

    @property
    def containers(self) -> list[dict[str, Any]]:
        """All containers, those for the start first."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]


def pod(manifest: Manifest) -> Pod | None:
    """Give the pod of a manifest; None where it makes none."""
    made = manifest if manifest["kind"] == "Pod" else manifest.get("spec", {}).get("template")
    if not made:
        return None
    selector = manifest["spec"].get("selector", {}).get("matchLabels") if made is not manifest else None
    return Pod(
        where=f"{manifest['kind']} {manifest['metadata']['name']}",
        namespace=manifest["metadata"]["namespace"],
        labels=made["metadata"]["labels"],
        selector=selector,
        spec=made["spec"],
    )


@pytest.fixture(scope="session")
def pods(manifests: list[Manifest]) -> list[Pod]:
    """The pods of each example, in turn."""
    return [made for made in map(pod, manifests) if made]
