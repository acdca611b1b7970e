"""Why a worker is pending, in words; pods and events as a cluster gave them are in `pods/`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from uraniborg_hub.pools.dask_cluster import reasons

RECORDED = Path(__file__).with_name("pods")


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("0/2 nodes are available: 2 Insufficient memory. preemption: 0/2 nodes", "no node has enough free memory"),
        ("0/9 nodes are available: 9 Insufficient cpu.", "no node has enough free CPU"),
        ("0/9 nodes are available: 9 Insufficient nvidia.com/gpu.", "no node has enough free GPUs"),
        ("0/2 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }", "kept for"),
        ("0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", "no node has the labels"),
        ("0/2 nodes are available: 2 Too many pods.", "as many pods as it takes"),
        ('FailedCreate: pods "a" is forbidden: exceeded quota: labs, requested: pods=1', "the quota of this cluster"),
        ("FailedCreate: pods is forbidden: violates PodSecurity restricted", "pod security refuses"),
        ("FailedCreate: ValidatingAdmissionPolicy 'labs' denied request: image not allowed", "a rule of the cluster"),
        ("ErrImagePull: failed to resolve reference: x/lab@sha256:00: not found", "not there any more"),
        ("ImagePullBackOff: Back-off pulling image", "can't be pulled"),
        ("InvalidImageName: couldn't parse", "no image's name"),
        ("FailedMount: MountVolume.SetUp failed for volume", "a volume can't be mounted"),
        ("OOMKilled, exit code 137: ", "it needed more memory"),
        ("Error, exit code 1: ModuleNotFoundError", "it ended as soon as it was started"),
    ],
)
def test_what_kubernetes_says_is_told_in_words(said: str, meaning: str) -> None:
    told = reasons.sentence("1 worker can't start", said)
    assert meaning in told and told.startswith("1 worker can't start: ") and told.endswith((".", "!"))
    assert told.isascii() and len(told) < 400


def test_what_nobody_foresaw_is_repeated() -> None:
    assert reasons.sentence("1 worker can't start", " Strange\nthing. ") == "1 worker can't start (Strange thing)."
    assert len(reasons.sentence("It", "x" * 5000)) < 250


def test_the_cause_of_most_workers_is_told_once() -> None:
    def pending(message: str) -> dict[str, Any]:
        conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}]
        return {"metadata": {"name": "a"}, "status": {"conditions": conditions}}

    full, taint = pending("2 Insufficient cpu"), pending("1 node(s) had untolerated taint")
    told = reasons.waiting({"a": full, "b": taint, "c": full, "d": None}, [])
    assert told.startswith("2 workers can't start: no node has enough free CPU (2 Insufficient cpu).")
    quota = {"involvedObject": {"name": "d-5f6"}, "reason": "FailedCreate", "message": "exceeded quota: labs"}
    assert reasons.waiting({"d": None}, [quota]).startswith("1 worker can't start: the quota")
    assert reasons.waiting({"e": None}, [quota]) == reasons.waiting({}, []) == ""


def test_a_worker_for_which_no_node_has_room() -> None:
    pod = recorded("unschedulable")
    told = reasons.waiting({"a": pod, "b": pod}, [])
    assert told.startswith("2 workers can't start: no node has enough free memory (0/2 nodes are available: 2 Insuff")
    assert told.endswith("Ask for fewer workers or less memory, or wait until others end.")


def test_a_scheduler_that_runs_and_one_that_ended() -> None:
    pod = recorded("scheduler")
    assert reasons.broken_scheduler(pod) is None and not reasons.completed(pod) and reasons.said_of(pod) == ""
    state = pod["status"]["containerStatuses"][0]
    state |= {"restartCount": 1, "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}
    told = reasons.broken_scheduler(pod) or ""
    assert told.startswith("The pool's scheduler ended: it needed more memory") and not reasons.completed(pod)
    state["lastState"] = {"terminated": {"reason": "Completed", "exitCode": 0}}
    assert reasons.completed(pod)
