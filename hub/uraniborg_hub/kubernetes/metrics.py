"""How long starts take, stage by stage, and what they fail of: among JupyterHub's own metrics."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import Counter, Histogram

from uraniborg_hub.kubernetes.stages import NAMES

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600)
STAGE_SECONDS = Histogram(
    "uraniborg_lab_start_stage_seconds",
    "Seconds that a lab's start spent on the way to a stage since the one before",
    ["stage"],
    buckets=BUCKETS,
)
START_SECONDS = Histogram(
    "uraniborg_lab_start_seconds",
    "Seconds from the request for a lab to its open route",
    buckets=BUCKETS,
)
FAILURES = Counter("uraniborg_lab_start_failures_total", "Starts of labs that failed, by cause", ["code"])

for _name in NAMES:
    # A series that first appears with a number in it has no rate: what the first start took would be shown nowhere.
    STAGE_SECONDS.labels(stage=_name)


def durations(marks: Mapping[str, float]) -> dict[str, float]:
    """Give each reached stage's own seconds, from the seconds since the request at which stages were reached."""
    spent: dict[str, float] = {}
    before = 0.0
    for name in NAMES:
        if name in marks:
            spent[name] = max(0.0, marks[name] - before)
            before = max(before, marks[name])
    return spent


def observe(marks: Mapping[str, float]) -> None:
    """Count a start that succeeded."""
    for name, seconds in durations(marks).items():
        STAGE_SECONDS.labels(stage=name).observe(seconds)
    START_SECONDS.observe(max(marks.values(), default=0.0))
