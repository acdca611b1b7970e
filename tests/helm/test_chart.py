"""The chart as a whole: it lints, renders, repeats itself, and refuses what it does not know."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from helm_python import Chart, HelmError, lint

if TYPE_CHECKING:
    from conftest import Manifest, Render

CLUSTER_WIDE = {
    "ClusterRole",
    "ClusterRoleBinding",
    "Namespace",
    "PriorityClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
}


def test_lints_strictly(chart: Chart, example: dict[str, Any]) -> None:
    found = lint("helm/uraniborg", example, strict=True, namespace="science")
    assert not found["errors"]
    assert not [each for each in found["messages"] if each["severity"] > 1]


def test_renders_twice_the_same(chart: Chart, example: dict[str, Any]) -> None:
    first, second = (chart.render(example, name="uraniborg", namespace="science") for _ in range(2))
    assert first == second


def test_every_object_has_a_place_and_the_release_on_it(manifests: list[Manifest]) -> None:
    for each in manifests:
        metadata = each["metadata"]
        assert metadata["labels"]["app.kubernetes.io/instance"] == "uraniborg", metadata["name"]
        assert ("namespace" in metadata) == (each["kind"] not in CLUSTER_WIDE), (each["kind"], metadata["name"])


def test_no_two_objects_have_one_name(manifests: list[Manifest]) -> None:
    keys = Counter((each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"]) for each in manifests)
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize(
    "values",
    [
        {"hubb": {}},
        {"hub": {"imagee": {}}},
        {"hub": {"image": {"tag": "latest"}}},
        {"hub": {"image": {"digest": "sha256:12"}}},
        {"proxy": {"image": {"tag": "latest"}}},
        {"proxy": {"image": {"digest": "sha256:12"}}},
        {"hub": {"config": {"JupyterHub": "not a table"}}},
        {"publicUrl": "https://example.org"},
        {"portal": {"config": {"anonymous": True}}},
        {"portal": {"replicas": 0}},
        {"portal": {"scans": {"compute": "threads"}}},
        {"portal": {"scans": {"catalogsClaim": "a'b"}}},
        {"portal": {"config": {"queries": {"scans": "dask"}}}},
        {"prePuller": {"extraImages": ["registry.example.org/image"]}},
        {"prePuller": {"extraImages": ["registry.example.org/image:latest"]}},
        {"singleuser": {"profileList": [{"display_name": "No slug"}]}},
    ],
)
def test_refuses_by_schema(render: Render, values: dict[str, Any]) -> None:
    with pytest.raises(HelmError, match="schema"):
        render(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"labs": {"namespace": "science"}}, "Labs need another one"),
        ({"portal": {"replicas": 2}}, "Name an S3 bucket in portal.files.url"),
        ({"portal": {"replicas": 2, "files": {"url": "s3://b/p"}}}, "the volume of its catalogs"),
        ({"portal": {"files": {"existingSecret": "s3"}}}, "portal.files.url is empty"),
        (
            {
                "postgresql": {"enabled": False},
                "portal": {
                    "replicas": 2,
                    "storage": {"accessModes": ["ReadWriteMany"]},
                    "catalogs": {"accessModes": ["ReadWriteMany"]},
                },
            },
            "its database is SQLite",
        ),
        (
            {"portal": {"scans": {"compute": "dask", "catalogsClaim": "a"}, "jobs": {"compute": "processes"}}},
            'portal.jobs.compute is "processes": scans run on the workers of jobs',
        ),
        ({"portal": {"scans": {"compute": "dask"}}}, 'Make a claim in the namespace "science-labs" whose volume holds'),
        ({"secrets": {"create": False}}, "secrets.proxyToken.existingSecret is empty"),
        ({"scheduling": {"userPlaceholder": {"enabled": True}}}, "needs scheduling.podPriority.enabled"),
        ({"httpRoute": {"enabled": True}}, "needs httpRoute.gateways"),
        (
            {"singleuser": {"profileList": [{"slug": "a", "display_name": "A"}, {"slug": "a", "display_name": "B"}]}},
            'two profiles "a"',
        ),
        ({"imagePullSecret": {"create": True, "username": "a"}}, "needs imagePullSecret.username and"),
        ({"cull": {"timeout": 300}}, "cull.warning is 300 s, not less than cull.timeout, 300 s"),
    ],
)
def test_refuses_values_that_do_not_fit_together(render: Render, values: dict[str, Any], words: str) -> None:
    with pytest.raises(HelmError, match=words):
        render(values)


@pytest.mark.parametrize(
    ("name", "values", "hub"),
    [
        ("uraniborg", {}, "uraniborg-hub"),
        ("astro", {}, "astro-uraniborg-hub"),
        ("astro", {"nameOverride": "hven"}, "astro-hven-hub"),
        ("astro", {"fullnameOverride": "hven"}, "hven-hub"),
    ],
)
def test_names_follow_the_release(render: Render, name: str, values: dict[str, Any], hub: str) -> None:
    names = {each["metadata"]["name"] for each in render(values, name=name) if each["kind"] == "Deployment"}
    assert hub in names
