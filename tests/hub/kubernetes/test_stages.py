"""Stages: in one order, and read from a pod and its events."""

from __future__ import annotations

from typing import Any

import pytest

from uraniborg_hub.kubernetes.failure import Facts
from uraniborg_hub.kubernetes.stages import NAMES, STAGES, reached, stage, up_to

TAKEN = {"spec": {"nodeName": "node-1"}}
MOUNTED = {"conditions": [{"type": "PodReadyToStartContainers", "status": "True"}]}


def event(reason: str, container: str = "notebook") -> dict[str, Any]:
    """An event about one container."""
    return {"reason": reason, "involvedObject": {"fieldPath": f"spec.containers{{{container}}}"}}


@pytest.mark.parametrize(
    ("pod", "events", "expected"),
    [
        ({}, [], "queued"),
        (TAKEN, [], "scheduled"),
        ({**TAKEN, "status": MOUNTED}, [], "mounted"),
        (TAKEN, [event("Pulling")], "mounted"),
        (TAKEN, [event("Pulled")], "pulled"),
        (TAKEN, [event("Pulled", "home"), event("Started", "home")], "scheduled"),
        (TAKEN, [event("Pulled"), event("Started")], "started"),
        ({"status": {"containerStatuses": [{"name": "notebook", "state": {"running": {}}}]}}, [], "started"),
        ({"status": {"containerStatuses": [{"name": "notebook", "imageID": "x@sha256:1"}]}}, [], "pulled"),
    ],
)
def test_the_last_stage(pod: dict[str, Any], events: list[dict[str, Any]], expected: str) -> None:
    assert reached(Facts(pod=pod, events=events)) == expected


def test_a_stage_implies_those_before_it() -> None:
    assert up_to("mounted") == ("queued", "scheduled", "mounted") and up_to(NAMES[-1]) == NAMES


def test_a_bar_only_grows_and_each_stage_says_what_comes_next() -> None:
    assert [each.progress for each in STAGES] == sorted({each.progress for each in STAGES})
    assert all(each.after for each in STAGES[:-1]) and stage("routed").progress == 100
