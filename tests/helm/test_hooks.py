"""The hooks: safe for Argo CD, with least permissions, and a Secret that an upgrade keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from conftest import Manifest, Render

KNOWN = {"pre-install", "pre-upgrade", "post-install", "post-upgrade", "pre-delete", "test"}
HOOK, WEIGHT, DELETE = "helm.sh/hook", "helm.sh/hook-weight", "helm.sh/hook-delete-policy"


def hooks(manifests: list[Manifest]) -> list[Manifest]:
    """The hooks among manifests."""
    return [each for each in manifests if HOOK in each["metadata"].get("annotations", {})]


def events(manifest: Manifest) -> set[str]:
    """When a hook runs."""
    return set(manifest["metadata"]["annotations"][HOOK].split(","))


def test_templates_ask_nothing_of_a_cluster_and_roll_no_dice(pytestconfig: pytest.Config) -> None:
    folder: Path = pytestconfig.rootpath / "helm" / "uraniborg" / "templates"
    words = (
        "lookup",
        "randAlpha",
        "randBytes",
        "genCA",
        "genSigned",
        "genPrivate",
        "uuidv4",
        "now |",
        "Release.IsInstall",
        "Release.Revision",
    )
    wrong = [
        (path.name, word) for path in folder.rglob("*") if path.is_file() for word in words if word in path.read_text()
    ]
    assert not wrong


def test_install_and_upgrade_run_the_same(manifests: list[Manifest]) -> None:
    for each in hooks(manifests):
        found = events(each)
        assert found <= KNOWN
        for when in ("pre", "post"):
            assert (f"{when}-install" in found) == (f"{when}-upgrade" in found), each["metadata"]["name"]


def test_a_hook_can_run_again(manifests: list[Manifest]) -> None:
    for each in hooks(manifests):
        assert "before-hook-creation" in each["metadata"]["annotations"][DELETE]


def test_no_permission_outlives_its_hook(manifests: list[Manifest]) -> None:
    for each in hooks(manifests):
        if "Role" in each["kind"] or each["kind"] == "ServiceAccount":
            assert "hook-succeeded" in each["metadata"]["annotations"][DELETE]


def test_what_a_job_needs_is_there_before_it(manifests: list[Manifest]) -> None:
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in hooks(manifests)}
    jobs = [each for each in hooks(manifests) if each["kind"] == "Job"]
    assert {each["metadata"]["name"] for each in jobs} >= {"uraniborg-hook-secrets", "uraniborg-hook-crds"}
    for job in jobs:
        pod = job["spec"]["template"]["spec"]
        needs = [("ServiceAccount", pod["serviceAccountName"])]
        maps = [volume["configMap"] for volume in pod["volumes"] if "configMap" in volume]
        needs += [("ConfigMap", each["name"]) for each in maps if not each.get("optional")]
        for need in needs:
            weights = [int(each["metadata"]["annotations"][WEIGHT]) for each in (by_name[need], job)]
            assert weights[0] < weights[1]
            assert events(by_name[need]) == events(job)


def test_hooks_need_nothing_of_the_release(manifests: list[Manifest]) -> None:
    first = str([each for each in hooks(manifests) if "pre-install" in events(each)])
    assert "secretKeyRef" not in first
    assert "persistentVolumeClaim" not in first
    assert "priorityClassName" not in first


def test_scripts_of_a_job_are_in_its_config_map(manifests: list[Manifest]) -> None:
    maps = {each["metadata"]["name"]: each["data"] for each in manifests if each["kind"] == "ConfigMap"}
    for job in (each for each in hooks(manifests) if each["kind"] in {"Job", "Pod"}):
        pod = job["spec"]["template"]["spec"] if job["kind"] == "Job" else job["spec"]
        script = pod["containers"][0]["args"][2].removeprefix("/hooks/")
        assert script in maps[pod["volumes"][0]["configMap"]["name"]]


def test_the_secret_is_not_the_releases(manifests: list[Manifest]) -> None:
    assert ("Secret", "uraniborg-secrets") not in {(each["kind"], each["metadata"]["name"]) for each in manifests}


def test_existing_secrets_need_no_hook(render: Render) -> None:
    names = (
        "proxyToken",
        "cookieSecret",
        "cryptKey",
        "portalToken",
        "poolsToken",
        "cullToken",
        "metricsToken",
        "postgresqlPassword",
    )
    values: dict[str, Any] = {"secrets": {name: {"existingSecret": "vault"} for name in names}}
    jobs = {each["metadata"]["name"] for each in render(values) if each["kind"] == "Job"}
    assert "uraniborg-hook-secrets" not in jobs


def test_an_existing_operator_is_kept(render: Render) -> None:
    found = render({"operator": {"enabled": False, "crds": False}})
    names = {(each["kind"], each["metadata"]["name"]) for each in found}
    assert not {name for name in names if name[1] in {"uraniborg-operator", "uraniborg-hook-crds"}}


def test_the_hook_before_an_uninstall_needs_no_namespace_but_the_releases(render: Render) -> None:
    """After an install that broke off, the labs' namespace may not be there."""
    before = [each for each in hooks(render()) if "pre-delete" in events(each)]
    assert {each["metadata"]["namespace"] for each in before} == {"science"}
    assert {each["kind"] for each in before} == {"ConfigMap", "ServiceAccount", "Role", "RoleBinding", "Job"}
    (bound,) = [
        each for each in render() if each["kind"] == "RoleBinding" and each["metadata"]["name"] == "uraniborg-hook-end"
    ]
    assert bound["metadata"]["namespace"] == "science-labs" and WEIGHT not in bound["metadata"].get("annotations", {})
    assert bound["subjects"] == [{"kind": "ServiceAccount", "name": "uraniborg-hook-end", "namespace": "science"}]


def test_the_policy_looks_at_every_kind_of_container(render: Render) -> None:
    (policy,) = [each for each in render() if each["kind"] == "ValidatingAdmissionPolicy"]
    variables = {each["name"]: each["expression"] for each in policy["spec"]["variables"]}
    for kind in ("containers", "initContainers", "ephemeralContainers"):
        assert f"variables.pod.{kind}" in variables["containers"]
    core = policy["spec"]["matchConstraints"]["resourceRules"][0]
    assert core["resources"] == ["pods", "pods/ephemeralcontainers"] and set(core["operations"]) == {"CREATE", "UPDATE"}
    assert "variables.containers.all(" in policy["spec"]["validations"][0]["expression"]


def test_homes_and_catalogs_outlive_the_release(render: Render) -> None:
    keep = [
        each for each in render() if each["metadata"].get("annotations", {}).get("helm.sh/resource-policy") == "keep"
    ]
    assert {(each["kind"], each["metadata"]["name"]) for each in keep} == {
        ("Namespace", "science-labs"),
        ("PersistentVolumeClaim", "uraniborg-homes"),
        ("PersistentVolumeClaim", "uraniborg-portal"),
        ("PersistentVolumeClaim", "uraniborg-catalogs"),
    }
