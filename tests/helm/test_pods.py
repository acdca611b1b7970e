"""Every pod of the chart: restricted, bounded, selected by what makes it, with images that cannot move."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Manifest, Pod, Render

ALLOWED_VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "secret", "projected", "downwardAPI", "name"}
WITH_TOKEN = {"hub", "pools", "operator", "hook"}
"""Components that speak with the API server."""


def violations(spec: dict[str, Any], container: dict[str, Any]) -> list[str]:
    """What the pod security standard `restricted` finds wrong with a container, and a writable root file system."""
    pod, own = spec.get("securityContext", {}), container.get("securityContext", {})
    both = {**pod, **own}
    rules = {
        "runs as root": both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0,
        "no seccomp profile": both.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"},
        "may gain privileges": own.get("allowPrivilegeEscalation") is not False,
        "privileged": own.get("privileged", False),
        "keeps capabilities": own.get("capabilities") != {"drop": ["ALL"]},
        "root file system can be written": own.get("readOnlyRootFilesystem") is not True,
        "shares the node": any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")),
        "has a port of the node": any("hostPort" in port for port in container.get("ports", [])),
        "mounts what is not allowed": any(set(each) - ALLOWED_VOLUMES for each in spec.get("volumes", [])),
    }
    return [rule for rule, broken in rules.items() if broken]


def test_containers_are_restricted(pods: list[Pod]) -> None:
    found = {(pod.where, c["name"]): violations(pod.spec, c) for pod in pods for c in pod.containers}
    assert not {where: broken for where, broken in found.items() if broken}


def test_images_have_a_digest_or_a_tag_that_says_something(pods: list[Pod]) -> None:
    images = {container["image"] for pod in pods for container in pod.containers}
    assert images
    for image in images:
        assert re.search(r"(@sha256:[0-9a-f]{64}|:[\w.-]+)$", image), image
        assert not image.endswith(":latest")


def test_init_of_the_image_stays_in_charge(pods: list[Pod]) -> None:
    """The images start with an init that forwards signals and takes in orphans: a command would replace it."""
    for pod in pods:
        if pod.labels["app.kubernetes.io/component"] not in {"pull", "placeholder", "postgresql"}:
            assert not [container for container in pod.containers if "command" in container], pod.where


def test_containers_have_requests_and_limits(pods: list[Pod]) -> None:
    for pod in pods:
        for container in pod.containers:
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory"}, (pod.where, container["name"])


def test_what_serves_has_probes(pods: list[Pod]) -> None:
    for pod in pods:
        for container in pod.spec["containers"]:
            if container.get("ports"):
                assert {"startupProbe", "livenessProbe", "readinessProbe"} <= set(container), pod.where


def test_selectors_match_their_pods(pods: list[Pod]) -> None:
    for pod in pods:
        if pod.selector is not None:
            assert pod.selector.items() <= pod.labels.items(), pod.where


def test_services_reach_a_port_of_exactly_one_component(manifests: list[Manifest], pods: list[Pod]) -> None:
    for service in (each for each in manifests if each["kind"] == "Service"):
        chosen = [pod for pod in pods if service["spec"]["selector"].items() <= pod.labels.items()]
        assert len(chosen) == 1, service["metadata"]["name"]
        names = {port["name"] for container in chosen[0].containers for port in container.get("ports", [])}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names


def test_only_who_speaks_with_the_api_server_has_a_token(pods: list[Pod]) -> None:
    for pod in pods:
        component = pod.labels["app.kubernetes.io/component"]
        assert pod.spec["automountServiceAccountToken"] is (component in WITH_TOKEN), pod.where


def test_volumes_are_there(manifests: list[Manifest], pods: list[Pod]) -> None:
    made = {(each["kind"], each["metadata"]["name"]) for each in manifests}
    existing = {"catalogs", "site-authorities", "uraniborg-certificates"}
    for pod in pods:
        volumes = {volume["name"]: volume for volume in pod.spec.get("volumes", [])}
        for container in pod.containers:
            names = {mount["name"] for mount in container.get("volumeMounts", [])}
            assert names <= {*volumes, "data"}, pod.where
        for volume in volumes.values():
            config, claim = volume.get("configMap", {}).get("name"), volume.get("persistentVolumeClaim", {})
            assert config is None or config in existing or ("ConfigMap", config) in made, (pod.where, config)
            assert not claim or ("PersistentVolumeClaim", claim["claimName"]) in made, pod.where


def test_all_homes_are_measured_where_wanted_and_only_read(render: Render) -> None:
    (job,) = [
        each for each in render({"singleuser": {"storage": {"report": "0 4 * * *"}}}) if each["kind"] == "CronJob"
    ]
    assert (job["metadata"]["namespace"], job["spec"]["schedule"]) == ("science-labs", "0 4 * * *")
    spec = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert violations(spec, container) == [] and spec["automountServiceAccountToken"] is False
    assert spec["serviceAccountName"] == "uraniborg-lab", "the admission policy wants it"
    assert container["volumeMounts"][0] == {"name": "homes", "mountPath": "/homes", "readOnly": True}
    assert not [each for each in render() if each["kind"] == "CronJob"]


def test_measured_homes_are_a_target_of_the_monitoring(render: Render) -> None:
    def paths(**storage: str) -> list[str]:
        values = {"singleuser": {"storage": storage}, "monitoring": {"serviceMonitor": {"enabled": True}}}
        (monitor,) = [each for each in render(values) if each["kind"] == "ServiceMonitor"]
        assert all(
            each["authorization"] == monitor["spec"]["endpoints"][0]["authorization"]
            for each in monitor["spec"]["endpoints"]
        )
        return [each["path"] for each in monitor["spec"]["endpoints"]]

    assert paths() == paths(type="dynamic", report="0 4 * * *") == ["/hub/metrics"]
    assert paths(report="0 4 * * *") == ["/hub/metrics", "/hub/metrics/homes"]


def test_arbitrary_user_ids(render: Render) -> None:
    found = [each for each in render({"security": {"arbitraryUserIds": True}}) if "spec" in each]
    text = str([each["spec"] for each in found if each["kind"] != "ValidatingAdmissionPolicy"])
    assert "runAsUser" not in text
    assert "fsGroup" not in text


def test_a_registry_is_put_before_every_image(render: Render) -> None:
    digest = f"sha256:{'a' * 64}"
    values = {"image": {"registry": "registry.example.org/astro/"}, "hub": {"image": {"digest": digest}}}
    text = [container["image"] for each in render(values) for container in containers(each)]
    assert {image.split("/")[0] for image in text} == {"registry.example.org"}
    assert f"registry.example.org/astro/uraniborg/hub@{digest}" in text


def test_only_a_database_of_the_chart_is_waited_for(render: Render) -> None:
    def first(values: dict[str, Any]) -> dict[str, list[str]]:
        """Names of the init containers of hub and portal."""
        found = {each["metadata"]["name"]: each for each in render(values) if each["kind"] == "Deployment"}
        return {
            name: [
                each["name"]
                for each in found[f"uraniborg-{name}"]["spec"]["template"]["spec"].get("initContainers", [])
            ]
            for name in ("hub", "portal")
        }

    own = {"existingSecret": "databases"}
    assert first({}) == {"hub": ["database"], "portal": ["folders", "database"]}
    assert first({"database": {"hub": own, "portal": own}}) == {"hub": [], "portal": ["folders"]}
    assert first({"postgresql": {"enabled": False}}) == {"hub": [], "portal": ["folders"]}


def test_the_platforms_own_pods_leave_a_dead_node_in_time(render: Render) -> None:
    own = [{"key": "kind", "operator": "Exists"}]
    for values, seconds, more in (({}, 30, []), ({"deadNodeSeconds": 5, "tolerations": own}, 5, own)):
        found = {
            each["metadata"]["name"]: each
            for each in render({"scheduling": {"corePods": values}})
            if each["kind"] == "Deployment"
        }
        for name in ("hub", "proxy", "portal", "pools", "operator", "cull"):
            tolerated = found[f"uraniborg-{name}"]["spec"]["template"]["spec"]["tolerations"]
            assert [each["key"].rpartition("/")[2] for each in tolerated[:2]] == ["unreachable", "not-ready"]
            assert {each["tolerationSeconds"] for each in tolerated[:2]} == {seconds} and tolerated[2:] == more


def containers(manifest: Manifest) -> list[dict[str, Any]]:
    """The containers of a manifest that makes pods."""
    spec = manifest.get("spec", {}).get("template", {}).get("spec", {})
    return [*spec.get("initContainers", []), *spec.get("containers", [])]


def test_portal_replicas_share_volumes_and_spread(render: Render) -> None:
    shared = {"accessModes": ["ReadWriteMany"]}
    values = {"portal": {"replicas": 3, "storage": shared, "catalogs": shared}}
    by_kind = {each["kind"]: each for each in render(values) if each["metadata"]["name"] == "uraniborg-portal"}
    spec = by_kind["Deployment"]["spec"]
    assert spec["replicas"] == 3
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert spec["template"]["spec"]["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname"
    assert by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == spec["selector"]["matchLabels"]


def test_portal_with_files_on_s3_needs_no_volume_of_its_own(render: Render) -> None:
    files = {"url": "s3://b/p", "options": {"endpoint_url": "http://s3:9000"}, "existingSecret": "s3-keys"}
    values = {"portal": {"replicas": 2, "files": files, "catalogs": {"accessModes": ["ReadWriteMany"]}}}
    manifests = {each["kind"]: each for each in render(values) if each["metadata"]["name"] == "uraniborg-portal"}
    assert "PersistentVolumeClaim" not in manifests
    pod = manifests["Deployment"]["spec"]["template"]["spec"]
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert (volumes["state"]["emptyDir"], volumes["staging"]["emptyDir"]) == ({}, {})
    portal = pod["containers"][0]
    assert portal["envFrom"] == [{"secretRef": {"name": "s3-keys"}}]
    given = {each["name"]: each.get("value") for each in portal["env"]}
    assert given["URANIBORG_FILES"] == "s3://b/p"
    assert json.loads(given["URANIBORG_FILES_OPTIONS"]) == files["options"]


def test_a_portal_pod_that_ends_answers_on_and_has_time_for_it(render: Render) -> None:
    manifest = next(
        each for each in render({}) if (each["kind"], each["metadata"]["name"]) == ("Deployment", "uraniborg-portal")
    )
    pod = manifest["spec"]["template"]["spec"]
    portal = pod["containers"][0]
    leaving = int(portal["lifecycle"]["preStop"]["exec"]["command"][1])
    stopping = next(int(each["value"]) for each in portal["env"] if each["name"] == "URANIBORG_STOP_SECONDS")
    assert pod["terminationGracePeriodSeconds"] > leaving + stopping
    assert portal["readinessProbe"]["httpGet"]["path"].endswith("/api/ready")
    # Replicas that are slow under load are so together: they stay in the Service for half a minute.
    assert portal["readinessProbe"]["timeoutSeconds"] * portal["readinessProbe"]["failureThreshold"] >= 30
    assert portal["livenessProbe"]["httpGet"]["path"].endswith("/api/health")
