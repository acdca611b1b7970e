"""The pod of a lab, compared as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from uraniborg_hub.kubernetes.authorities import TRUST
from uraniborg_hub.kubernetes.pod import environment, security, storage
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.kubernetes.spawner import KubernetesLabSpawner
from uraniborg_hub.pools.dask_cluster.lab_pod import read

Make = Callable[..., KubernetesLabSpawner]
Table = Callable[..., Kubernetes]
CONTEXT = {
    "runAsUser": 1000,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
}
RESOURCES = {
    "requests": {"cpu": 0.1, "memory": 2**29},
    "limits": {"cpu": 2.0, "memory": 2**31},
}
IMAGE = {"image": "registry.example.org/lab@sha256:1f", "imagePullPolicy": "IfNotPresent"}
SPEC = {
    "automountServiceAccountToken": False,
    "serviceAccountName": "uraniborg-lab",
    "enableServiceLinks": False,
    "restartPolicy": "OnFailure",
    "imagePullSecrets": [{"name": "registry"}],
    "securityContext": {
        "fsGroup": 1000,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
        "fsGroupChangePolicy": "OnRootMismatch",
    },
    "initContainers": [
        {
            "name": "home",
            **IMAGE,
            "command": [
                "sh",
                "-c",
                'umask 007; [ -w "/homes/$1" ] || rmdir "/homes/$1" 2>/dev/null; '
                'mkdir -p "/homes/$1" && [ -w "/homes/$1" ]',
                "home",
                "labs/tycho",
            ],
            "securityContext": CONTEXT,
            "resources": RESOURCES,
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "volumeMounts": [{"name": "home", "mountPath": "/homes"}],
        }
    ],
    "containers": [
        {
            "name": "notebook",
            **IMAGE,
            "args": ["python", "-P", "-m", "uraniborg_hub.lab.singleuser"],
            "ports": [{"name": "notebook-port", "containerPort": 8888}],
            "workingDir": "/home/lab",
            "lifecycle": {},
            "securityContext": CONTEXT,
            "resources": RESOURCES,
            "terminationMessagePolicy": "FallbackToLogsOnError",
            "volumeMounts": [
                {"name": "home", "mountPath": "/home/lab", "subPath": "labs/tycho"},
                {"name": "tmp", "mountPath": "/tmp"},
                {"name": "catalogs", "mountPath": "/catalogs", "readOnly": True},
            ],
        }
    ],
    "volumes": [
        {"name": "home", "persistentVolumeClaim": {"claimName": "homes"}},
        {"name": "tmp", "emptyDir": {}},
        {"name": "catalogs", "persistentVolumeClaim": {"claimName": "catalogs", "readOnly": True}},
    ],
    "tolerations": [{"key": "labs", "operator": "Exists"}],
    "nodeSelector": {"kind": "lab"},
    "priorityClassName": "labs",
}


async def manifest(spawner: KubernetesLabSpawner) -> dict[str, Any]:
    """The pod as it goes to the API."""
    await spawner.load_user_options()
    pod: dict[str, Any] = spawner.api.api_client.sanitize_for_serialization(await spawner.get_pod_manifest())
    return pod


async def test_the_whole_pod(spawner: Make) -> None:
    pod = await manifest(
        spawner(
            catalogs={"claim": "catalogs"},
            pull_secrets=["registry"],
            tolerations=[{"key": "labs", "operator": "Exists"}],
            node_selector={"kind": "lab"},
            priority_class="labs",
        )
    )
    variables = {each["name"]: each.get("value") for each in pod["spec"]["containers"][0].pop("env")}
    assert pod["spec"] == SPEC
    assert pod["metadata"]["name"] == "lab-tycho"
    assert pod["metadata"]["labels"] == {
        "app.kubernetes.io/name": "uraniborg",
        "app.kubernetes.io/instance": "uraniborg",
        "app.kubernetes.io/managed-by": "kubespawner",
        "app.kubernetes.io/component": "lab",
        "component": "lab",
        "hub.jupyter.org/username": "tycho",
        "hub.jupyter.org/servername": "",
    }
    assert variables["JUPYTER_IMAGE"] == "registry.example.org/lab@sha256:1f"
    assert (variables["USER"], variables["HOME"]) == ("tycho", "/home/lab")
    assert (variables["MEM_LIMIT"], variables["CPU_LIMIT"]) == (str(2**31), "2.0")


async def test_a_folder_that_is_made_is_not_made_again(spawner: Make) -> None:
    first = spawner()
    later = spawner()
    first.folder_made = first.folder
    later.load_state(first.get_state())
    assert "initContainers" in (await manifest(spawner()))["spec"]
    assert "initContainers" not in (await manifest(later))["spec"]


async def test_a_volume_per_user(spawner: Make) -> None:
    lab = spawner(home={"kind": "claim", "storage_class": "fast", "size": "20Gi"})
    pod = await manifest(lab)
    claim = lab.api.api_client.sanitize_for_serialization(lab.get_pvc_manifest())
    assert pod["spec"]["volumes"][0] == {"name": "home", "persistentVolumeClaim": {"claimName": "home-tycho"}}
    assert "subPath" not in pod["spec"]["containers"][0]["volumeMounts"][0] and "initContainers" not in pod["spec"]
    assert claim["metadata"]["name"] == "home-tycho" and lab.delete_pvc is False
    assert claim["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "20Gi"}},
        "storageClassName": "fast",
    }


def test_the_cluster_may_choose_the_user(settings: Table) -> None:
    assert not {"uid", "fs_gid"} & set(security(settings(user_id=0)))


def test_without_catalogs_there_is_no_volume_for_them(settings: Table) -> None:
    assert [volume["name"] for volume in storage(settings())["volumes"]] == ["home", "tmp"]


def test_a_sites_own_authority_is_trusted_in_labs_and_their_workers(settings: Table) -> None:
    table = settings(certificates="uraniborg-certificates")
    variables = environment(table, "https://example.org/", {})
    assert {variables[name] for name in TRUST} == {"/etc/uraniborg/certificates/ca-bundle.crt"}
    made = storage(table)
    lab = {
        "metadata": {"name": "lab-tycho", "uid": "1"},
        "spec": {
            "containers": [
                {
                    "name": "notebook",
                    "image": "lab@sha256:1f",
                    "env": [{"name": name, "value": value} for name, value in variables.items()],
                    "volumeMounts": made["volume_mounts"],
                }
            ],
            "volumes": made["volumes"],
        },
    }
    worker = read(lab)
    assert {"name": "certificates", "configMap": {"name": "uraniborg-certificates"}} in worker.volumes
    assert {mount["mountPath"] for mount in worker.mounts} == {"/etc/uraniborg/certificates"}
    assert set(TRUST) <= {entry["name"] for entry in worker.environment}
    assert not set(TRUST) & set(environment(settings(), "https://example.org/", {}))


def test_labs_know_where_the_services_are_inside_and_the_platform_outside(settings: Table) -> None:
    variables = environment(
        settings(environment={"JSON": '{"a": 1}'}), "https://example.org/", {"JUPYTERHUB_ACTIVITY_INTERVAL": "3600"}
    )
    assert variables["URANIBORG_PORTAL_URL"] == "http://uraniborg-portal:8000/services/portal/"
    assert variables["URANIBORG_PUBLIC_URL"] == "https://example.org/"
    assert variables["JSON"] == '{{"a": 1}}', "KubeSpawner reads braces as templates"


@pytest.mark.parametrize("name", ["JUPYTERHUB_API_TOKEN", "CONFIGPROXY_AUTH_TOKEN", "URANIBORG_PORTAL_API_TOKEN"])
async def test_no_secret_of_the_hub_reaches_a_lab(spawner: Make, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "a secret of the hub")
    pod = await manifest(spawner())
    assert "a secret of the hub" not in str(pod)


@pytest.mark.parametrize(
    ("home", "told"),
    [
        ({"kind": "claim"}, "volume"),
        ({"kind": "shared", "claim": "homes"}, None),
        ({"kind": "shared", "claim": "homes", "quota": "50Gi"}, str(50 * 2**30)),
    ],
)
def test_a_lab_knows_what_its_user_may_keep(settings: Table, home: dict[str, str], told: str | None) -> None:
    assert environment(settings(home=home), "https://example.org/", {}).get("URANIBORG_HOME_QUOTA") == told
