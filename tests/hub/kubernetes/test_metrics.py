"""Each stage's own seconds."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from uraniborg_hub.kubernetes.metrics import durations, observe


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, {}),
        ({"queued": 0.5, "scheduled": 0.5, "started": 2.0}, {"queued": 0.5, "scheduled": 0.0, "started": 1.5}),
    ],
)
def test_durations(marks: dict[str, float], expected: dict[str, float]) -> None:
    assert durations(marks) == expected


def test_a_start_is_counted_once_in_each_stage() -> None:
    labels = {"stage": "routed"}
    before = REGISTRY.get_sample_value("uraniborg_lab_start_stage_seconds_count", labels) or 0
    observe({"queued": 0.1, "routed": 2.0})
    assert REGISTRY.get_sample_value("uraniborg_lab_start_stage_seconds_count", labels) == before + 1
