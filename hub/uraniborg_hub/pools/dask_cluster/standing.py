"""What a pool that stands for a service's jobs is made from: the settings, where a user's pool has its lab."""

from __future__ import annotations

from uraniborg_hub.kubernetes import authorities, catalogs
from uraniborg_hub.pools.compute_settings import ComputeSettings
from uraniborg_hub.pools.dask_cluster import names
from uraniborg_hub.pools.dask_cluster.lab_pod import LabPod
from uraniborg_hub.pools.dask_cluster.pod_spec import SCRATCH
from uraniborg_hub.pools.dask_cluster.settings import ClusterSettings

SCHEDULING = {
    # A job whose worker was lost runs once more; one that takes a second worker along ends there.
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    # As many workers as there are jobs: a job takes minutes, not the half second that is the default guess.
    "DASK_DISTRIBUTED__SCHEDULER__UNKNOWN_TASK_DURATION": "60s",
    "DASK_DISTRIBUTED__ADAPTIVE__TARGET_DURATION": "1s",
    # A job that waits can go to the worker that is free first.
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0",
}
"""Settings of distributed under which its tasks are jobs."""


def template(compute: ComputeSettings) -> LabPod:
    """Give what stands in for a lab."""
    variables = {"URANIBORG_HOME": f"{SCRATCH}/uraniborg", **SCHEDULING}
    variables |= authorities.variables(compute.certificates) | compute.environment
    return LabPod(
        name="",
        uid="",
        image=compute.image,
        labels=compute.client_labels,
        environment=tuple({"name": name, "value": value} for name, value in variables.items()),
        volumes=tuple(authorities.volumes(compute.certificates)),
        mounts=tuple(authorities.mounts(compute.certificates)),
        worker_volumes=tuple(catalogs.volumes(compute.catalogs)),
        worker_mounts=tuple(catalogs.mounts(compute.catalogs)),
        identity=compute.identity,
        namespace=compute.client_namespace,
        preload=compute.preload,
    )


def settings(compute: ComputeSettings, of_labs: ClusterSettings) -> ClusterSettings:
    """Give the cluster's settings as they are for these pods."""
    return of_labs.model_copy(
        update={
            "labels": {**of_labs.labels, names.STANDING: compute.service},
            "egress": compute.egress,
            "cpu_request": compute.cpu / compute.threads / 2,
            "cpu_limit": compute.cpu / compute.threads,
            "memory_request": 1.0,
            # Each job has a process of its own; a nanny would watch the wrong one.
            "nanny": False,
        }
    )
