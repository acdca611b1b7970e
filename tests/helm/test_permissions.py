"""What each service account may do: exactly what helm/README.md says."""

from __future__ import annotations

import json
import re
import tomllib
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from conftest import Manifest, Render

ROW = re.compile(r"^\| `F-([\w-]+)` \| ([^|]+) \| (.+) \|$", re.MULTILINE)
"""A row of the table: service account, namespace, `resource`: verbs; …"""


def rules(manifests: list[Manifest]) -> dict[str, set[str]]:
    """Each account's rules as `resources: verbs`."""
    found: dict[str, set[str]] = {}
    for role in (each for each in manifests if each["kind"] in {"Role", "ClusterRole"}):
        name = role["metadata"]["name"].removeprefix("science-").removeprefix("uraniborg-")
        found[name] = {f"`{', '.join(rule['resources'])}`: {' '.join(rule['verbs'])}" for rule in role["rules"]}
    return found


def test_guide_lists_every_verb(render: Render, pytestconfig: pytest.Config) -> None:
    guide: Path = pytestconfig.rootpath / "helm" / "README.md"
    listed = {name: set(text.strip().split("; ")) for name, _, text in ROW.findall(guide.read_text())}
    assert listed == rules(render())


def test_nobody_has_a_wildcard(manifests: list[Manifest]) -> None:
    for role in (each for each in manifests if each["kind"] in {"Role", "ClusterRole"}):
        for rule in role["rules"]:
            assert "*" not in [*rule["verbs"], *rule["resources"], *rule["apiGroups"]]


def test_only_hooks_act_on_the_whole_cluster(manifests: list[Manifest]) -> None:
    wide = [each for each in manifests if each["kind"] == "ClusterRole"]
    assert {each["metadata"]["name"] for each in wide} == {"science-uraniborg-hook-crds"}


def test_accounts_of_labs_and_workers_have_no_role(manifests: list[Manifest]) -> None:
    bound = {
        subject["name"]
        for each in manifests
        if each["kind"] in {"RoleBinding", "ClusterRoleBinding"}
        for subject in each["subjects"]
    }
    assert not bound & {"uraniborg-lab", "uraniborg-worker"}
    accounts = {each["metadata"]["name"]: each for each in manifests if each["kind"] == "ServiceAccount"}
    for name in ("uraniborg-lab", "uraniborg-worker"):
        assert accounts[name]["automountServiceAccountToken"] is False


def test_a_registrys_account_serves_every_pod_of_both_namespaces(render: Render) -> None:
    account = {"create": True, "registry": "registry.example.org", "username": "tycho", "password": "p"}
    values = {
        "imagePullSecret": account,
        "imagePullSecrets": ["other"],
        "scheduling": {"userPlaceholder": {"enabled": True}, "podPriority": {"enabled": True}},
    }
    found = render(values)
    secrets = [each for each in found if each["kind"] == "Secret" and each["metadata"]["name"] == "uraniborg-pull"]
    assert {each["metadata"]["namespace"] for each in secrets} == {"science", "science-labs"}
    for each in secrets:
        auths = json.loads(b64decode(each["data"][".dockerconfigjson"]))["auths"]
        assert auths == {
            "registry.example.org": {"username": "tycho", "password": "p", "auth": b64encode(b"tycho:p").decode()}
        }
    names = [{"name": "other"}, {"name": "uraniborg-pull"}]
    made = [each for each in found if each["kind"] in {"Deployment", "StatefulSet", "DaemonSet", "Job"}]
    assert len(made) > 10
    assert not [each for each in made if each["spec"]["template"]["spec"].get("imagePullSecrets") != names]
    maps = {each["metadata"]["name"]: each["data"] for each in found if each["kind"] == "ConfigMap"}
    labs = tomllib.loads(maps["uraniborg-hub"]["uraniborg.toml"])["kubernetes"]["pull_secrets"]
    workers = tomllib.loads(maps["uraniborg-pools"]["uraniborg.toml"])["pools"]["kubernetes"]["pull_secrets"]
    assert labs == workers == ["other", "uraniborg-pull"]


def test_a_registrys_account_is_there_before_the_first_hook(render: Render) -> None:
    account = {"create": True, "username": "tycho", "password": "p"}
    found = [each for each in render({"imagePullSecret": account}) if each["kind"] == "Secret"]
    (first,) = [each for each in found if "helm.sh/hook" in each["metadata"].get("annotations", {})]
    assert first["metadata"]["annotations"] == {
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-weight": "-30",
        "helm.sh/hook-delete-policy": "before-hook-creation",
    }


def test_labs_and_workers_fetch_images_with_the_pull_secrets(render: Render) -> None:
    found = render({"imagePullSecrets": ["registry"]})
    accounts = {each["metadata"]["name"]: each for each in found if each["kind"] == "ServiceAccount"}
    for name in ("uraniborg-lab", "uraniborg-worker"):
        assert accounts[name]["imagePullSecrets"] == [{"name": "registry"}]
