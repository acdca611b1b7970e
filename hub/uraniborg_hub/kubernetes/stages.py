"""The stages of a start, in words for a scientist, and which of them a pod has reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from uraniborg_hub.kubernetes.failure import LAB, Facts


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of a start."""

    name: str
    """One word for metrics."""
    done: str
    """What is there now."""
    after: str
    """What happens next."""
    progress: int
    """How far a bar is when this is done, percent."""

    FIRST: ClassVar[str] = "asking the cluster for a place"


STAGES = (
    Stage(name="queued", done="The cluster knows of your lab", after="looking for a machine with room", progress=10),
    Stage(name="scheduled", done="A machine has room for it", after="connecting your files", progress=20),
    Stage(name="mounted", done="Your files are connected", after="bringing the software to the machine", progress=35),
    Stage(name="pulled", done="The software is there", after="starting the lab", progress=50),
    Stage(name="started", done="The lab has started", after="waiting until JupyterLab answers", progress=65),
    Stage(name="answering", done="JupyterLab answers", after="opening the way to it", progress=95),
    Stage(name="routed", done="Your lab is open", after="", progress=100),
)
"""In the order in which they are reached."""
NAMES = tuple(each.name for each in STAGES)


def stage(name: str) -> Stage:
    """Give a stage by its name."""
    return STAGES[NAMES.index(name)]


def reached(facts: Facts) -> str:
    """Give the name of the last stage that a pod shows to have reached; `started` at most."""
    if _started(facts):
        return "started"
    if facts.lab.get("imageID") or _told(facts, "Pulled", "Created"):
        return "pulled"
    if _condition(facts, "PodReadyToStartContainers") or _told(facts, "Pulling"):
        return "mounted"
    if (facts.pod.get("spec") or {}).get("nodeName"):
        return "scheduled"
    return "queued"


def up_to(name: str) -> tuple[str, ...]:
    """Give the names of all stages that one implies: itself and those before it."""
    return NAMES[: NAMES.index(name) + 1]


def _started(facts: Facts) -> bool:
    state = facts.lab.get("state") or {}
    return "running" in state or "terminated" in state or _told(facts, "Started")


def _condition(facts: Facts, kind: str) -> bool:
    conditions = facts.status.get("conditions") or ()
    return any(each.get("type") == kind and each.get("status") == "True" for each in conditions)


def _told(facts: Facts, *reasons: str) -> bool:
    """Whether an event about the lab's own container has one of these reasons."""
    return any(
        event.get("reason") in reasons and f"{{{LAB}}}" in str((event.get("involvedObject") or {}).get("fieldPath", ""))
        for event in facts.events
    )
