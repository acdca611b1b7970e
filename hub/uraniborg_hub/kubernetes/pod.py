"""Settings to the pod of a lab: what KubeSpawner is told, as values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from uraniborg_hub import names
from uraniborg_hub.kubernetes import authorities, catalogs
from uraniborg_hub.kubernetes.ended import HOME
from uraniborg_hub.kubernetes.quantity import amount
from uraniborg_hub.kubernetes.settings import Kubernetes
from uraniborg_hub.lab.home import START_FOLDER
from uraniborg_hub.lab.storage.watch import OWN, QUOTA

COMMAND = ["python", "-P", "-m", "uraniborg_hub.lab.singleuser"]
FOLDER = "/home/lab"
"""Where a lab sees its user's files."""
HOMES = "/homes"
"""Where the container that makes folders sees the volume of all homes."""
USER_FOLDER = "labs/{username}"
"""A user's folder on that volume; KubeSpawner fills in a name that is safe and no other user's."""
COMPONENT = "lab"
MARGIN = 5.0
"""Seconds by which a start ends before JupyterHub's own limit, which knows no reasons."""
MAKE_FOLDER = (
    'umask 007; [ -w "/homes/$1" ] || rmdir "/homes/$1" 2>/dev/null; mkdir -p "/homes/$1" && [ -w "/homes/$1" ]'
)
"""The kubelet makes a missing folder as root with the mode of the volume's root, which no lab could write: this makes
it first, as the lab's user, and takes an empty one of the kubelet's away."""


def traits(settings: Kubernetes, public_url: str, activity: Mapping[str, str], stop_seconds: float) -> dict[str, Any]:
    """Give KubeSpawner's traits, name to value."""
    return {
        "namespace": settings.namespace,
        "image": settings.image,
        "image_pull_policy": settings.pull_policy,
        "image_pull_secrets": list(settings.pull_secrets),
        "cmd": COMMAND,
        "working_dir": FOLDER,
        "pod_name_template": "lab-{user_server}",
        "component_label": COMPONENT,
        "common_labels": labels(settings),
        "environment": environment(settings, public_url, activity),
        "node_selector": settings.node_selector,
        "tolerations": list(settings.tolerations),
        "priority_class_name": settings.priority_class,
        "handle_legacy_names": False,
        "additional_profile_form_template_paths": [str(Path(__file__).parent / "templates")],
        "delete_grace_period": math.ceil(stop_seconds),
        # Of 3 s, the default, a busy API server needs more; then the pod just made would be taken for another's.
        "k8s_api_request_timeout": 10,
        "k8s_api_request_retry_timeout": 60,
        **security(settings),
        **storage(settings),
    }


def labels(settings: Kubernetes) -> dict[str, str]:
    """Give the labels of everything that the hub makes."""
    return {
        "app.kubernetes.io/name": "uraniborg",
        "app.kubernetes.io/instance": settings.instance,
        "app.kubernetes.io/managed-by": "kubespawner",
    }


def security(settings: Kubernetes) -> dict[str, Any]:
    """Give the restricted pod security standard, and nothing that opens the cluster's API."""
    user = {"uid": settings.user_id, "fs_gid": settings.user_id} if settings.user_id else {}
    account = {"service_account": settings.service_account} if settings.service_account else {}
    return {
        **user,
        **account,
        "automount_service_account_token": False,
        "allow_privilege_escalation": False,
        "pod_security_context": {
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
            "fsGroupChangePolicy": "OnRootMismatch",
        },
        "container_security_context": {"capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True},
        "extra_pod_config": {"enableServiceLinks": False},
        # The last lines of a log stay with the pod's status, so that they are there before anybody asks.
        "extra_container_config": {"terminationMessagePolicy": "FallbackToLogsOnError"},
    }


def storage(settings: Kubernetes) -> dict[str, Any]:
    """Give the volumes: the user's files, a folder for what is temporary, and the catalogs, read-only."""
    shared = settings.home.kind == "shared"
    volumes: list[dict[str, Any]] = [
        {"name": HOME, "persistentVolumeClaim": {"claimName": settings.home.claim if shared else "{pvc_name}"}},
        {"name": "tmp", "emptyDir": {}},
    ]
    mounts: list[dict[str, Any]] = [
        {"name": HOME, "mountPath": FOLDER, **({"subPath": USER_FOLDER} if shared else {})},
        {"name": "tmp", "mountPath": "/tmp"},
    ]
    # A pool takes a volume that its lab has read-only over to its workers, and these variables too.
    volumes += [*catalogs.volumes(settings.catalogs), *authorities.volumes(settings.certificates)]
    mounts += [*catalogs.mounts(settings.catalogs), *authorities.mounts(settings.certificates)]
    return {"volumes": volumes, "volume_mounts": mounts, **_claims(settings)}


def folder_maker(lab: dict[str, Any]) -> dict[str, Any]:
    """Give the container that makes a user's folder on the shared volume, from the lab's own container."""
    mount = next(each for each in lab["volumeMounts"] if each["name"] == HOME)
    return {
        "name": HOME,
        "image": lab["image"],
        "imagePullPolicy": lab["imagePullPolicy"],
        "command": ["sh", "-c", MAKE_FOLDER, HOME, mount["subPath"]],
        "securityContext": lab["securityContext"],
        "resources": lab["resources"],
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": HOME, "mountPath": HOMES}],
    }


def environment(settings: Kubernetes, public_url: str, activity: Mapping[str, str]) -> dict[str, str]:
    """Give the variables of labs, all but those that JupyterHub and KubeSpawner set."""
    fixed = {
        "HOME": FOLDER,
        "JUPYTERHUB_ROOT_DIR": FOLDER,
        "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
        START_FOLDER: f"{FOLDER}/start",
        # A crash must not swallow the log's last lines.
        "PYTHONUNBUFFERED": "1",
        "URANIBORG_PORTAL_URL": settings.portal_url,
        "URANIBORG_POOLS_URL": settings.pools_url,
        names.PUBLIC_URL: settings.portal_public_url or public_url,
        **activity,
        **_quota(settings),
        **authorities.variables(settings.certificates),
        **({"URANIBORG_DATA_MIRROR": settings.data_mirror} if settings.data_mirror else {}),
        **({"URANIBORG_CATALOGS": settings.catalogs.path} if settings.catalogs else {}),
        **settings.environment,
    }
    return {"USER": "{unescaped_username}", **{name: _as_it_is(value) for name, value in fixed.items()}}


def _quota(settings: Kubernetes) -> dict[str, str]:
    if settings.home.kind == "claim":
        return {QUOTA: OWN}
    return {QUOTA: str(int(amount(settings.home.quota)))} if settings.home.quota else {}


def _claims(settings: Kubernetes) -> dict[str, Any]:
    if settings.home.kind == "shared":
        return {"storage_pvc_ensure": False}
    storage_class = {"storage_class": settings.home.storage_class} if settings.home.storage_class is not None else {}
    return {
        "storage_pvc_ensure": True,
        "pvc_name_template": "home-{user_server}",
        "storage_capacity": settings.home.size,
        "storage_access_modes": ["ReadWriteOnce"],
        "storage_extra_labels": labels(settings),
        # A user who leaves the hub does not take the files along: an operator removes them.
        "delete_pvc": False,
        **storage_class,
    }


def _as_it_is(value: str) -> str:
    """Keep KubeSpawner from reading braces as templates."""
    return value.replace("{", "{{").replace("}", "}}")
