"""The pod of the lab that a pool is made for: what the pool takes over from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from uraniborg_hub.pools.dask_cluster.names import LAB_SERVER, LAB_USER
from uraniborg_hub.pools.errors import PoolFailed

Json = dict[str, Any]

CONTAINER = "notebook"
"""KubeSpawner's name of a lab's container."""
OURS = ("JUPYTERHUB_", "JPY_", "DASK_", "MEM_", "CPU_", "KUBERNETES_", "URANIBORG_CULL_", "URANIBORG_HOME_")
"""Variables that begin so tell of the lab itself: its tokens, its hub, its limits, its end."""
SECRET = ("TOKEN", "COOKIE")
"""Variables with such a word in their name stay in the lab."""
SHARED = ("persistentVolumeClaim", "nfs", "csi", "configMap")
"""Kinds of volumes that workers get when the lab has them read-only: catalogs, certificates of a site."""
IDENTITY = ("runAsUser", "runAsGroup", "fsGroup", "fsGroupChangePolicy", "supplementalGroups", "seLinuxOptions")
"""What a pod's security context says about who it is; the rest is ours."""
SELECTING = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/component",
    LAB_USER,
    LAB_SERVER,
)
"""Labels that together select one lab of one user."""


@dataclass(frozen=True, kw_only=True)
class LabPod:
    """What a pool takes over from its lab, or, where it stands for a service's jobs, from the settings."""

    name: str
    uid: str
    """Of the pod with which the pool ends; empty: it ends with none."""
    image: str
    """By digest, wherever the node knows one."""
    labels: dict[str, str]
    """Select the lab's pod, and no other user's."""
    environment: tuple[Json, ...]
    """Variables as a container has them, without what belongs to the lab alone."""
    volumes: tuple[Json, ...]
    mounts: tuple[Json, ...]
    identity: Json
    """Users and groups, as a pod's security context has them."""
    namespace: str = ""
    """Where its pod is; empty: with the pools."""
    worker_volumes: tuple[Json, ...] = ()
    """Of the pods of workers alone, besides those of all."""
    worker_mounts: tuple[Json, ...] = ()
    preload: tuple[str, ...] = ()
    """Modules with which workers start, besides ours."""

    @property
    def peer(self) -> Json:
        """What its labels select, as a peer of a NetworkPolicy."""
        elsewhere = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}}
        return {**(elsewhere if self.namespace else {}), "podSelector": {"matchLabels": self.labels}}


def choose(pods: Iterable[Json], owner: str, lab: str | None) -> Json:
    """Give the running pod of a user's lab: the one of that server name, or the newest where none is named.

    Raises
    ------
    PoolFailed
        None of the owner's labs runs.
    """
    mine = [
        pod
        for pod in pods
        if _annotation(pod, LAB_USER) == owner
        and LAB_USER in (pod["metadata"].get("labels") or {})
        and (lab is None or _annotation(pod, LAB_SERVER) == lab)
        and pod.get("status", {}).get("phase") == "Running"
        and "deletionTimestamp" not in pod["metadata"]
    ]
    if not mine:
        raise PoolFailed("A pool lives beside its owner's lab, and none of yours runs. Start your lab first.")
    return max(mine, key=lambda pod: str(pod["metadata"].get("creationTimestamp", "")))


def read(pod: Json) -> LabPod:
    """Give what a pool takes over from a lab's pod."""
    container = next((each for each in pod["spec"]["containers"] if each["name"] == CONTAINER), None)
    container = container or pod["spec"]["containers"][0]
    shared = {each["name"]: each for each in pod["spec"].get("volumes") or () if any(kind in each for kind in SHARED)}
    mounts = [
        mount
        for mount in container.get("volumeMounts") or ()
        if mount.get("readOnly") and mount["name"] in shared and not mount["mountPath"].startswith("/var/run/secrets")
    ]
    used = {mount["name"] for mount in mounts}
    labels = pod["metadata"].get("labels") or {}
    context = {**(pod["spec"].get("securityContext") or {}), **(container.get("securityContext") or {})}
    return LabPod(
        name=pod["metadata"]["name"],
        uid=pod["metadata"]["uid"],
        image=image(container, pod.get("status") or {}),
        labels={name: labels[name] for name in SELECTING if name in labels},
        environment=tuple(entry for entry in container.get("env") or () if passes(entry["name"])),
        volumes=tuple(volume for name, volume in shared.items() if name in used),
        mounts=tuple(mounts),
        identity={name: context[name] for name in IDENTITY if name in context},
    )


def image(container: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    """Give a container's image by digest: as it was asked for, or as the node found it; side-loaded ones have none."""
    asked: str = container["image"]
    states = status.get("containerStatuses") or ()
    found = next((str(each.get("imageID", "")) for each in states if each["name"] == container["name"]), "")
    found = found.removeprefix("docker-pullable://")
    return found if "@" not in asked and "@" in found else asked


def passes(name: str) -> bool:
    """Whether a variable of the lab goes to its workers too."""
    return not name.startswith(OURS) and name != "HOME" and not any(word in name.upper() for word in SECRET)


def _annotation(pod: Json, name: str) -> str:
    return str((pod["metadata"].get("annotations") or {}).get(name, ""))
