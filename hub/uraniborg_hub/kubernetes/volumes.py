"""Volumes and networks that a machine can't set up for a pod."""

from __future__ import annotations

import re

from uraniborg_hub.kubernetes.failure import ADMINISTRATOR, TELL, Facts, Failure
from uraniborg_hub.kubernetes.stages import reached

KINDS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"Multi-Attach|is already (?:used|exclusively attached)",
        "volume_elsewhere",
        "Your files are still attached to another machine.",
        "Try again in a few minutes; your files are safe.",
    ),
    (
        r"FailedMount|FailedAttachVolume|FailedMapVolume",
        "mount",
        "The machine can't open the folder with your files or the catalogs.",
        f"{ADMINISTRATOR}; the details say which volume. Your files are safe.",
    ),
    (
        r"FailedCreatePodSandBox|NetworkNotReady",
        "network",
        "The machine can't connect your lab to the network.",
        f"Try again; if it stays so, {TELL}.",
    ),
)
"""What an event holds, code, cause and next step."""
PASSING = "no relationship found between node"
"""The machine knew of the pod before the API server knew that the pod is there (Kubernetes' node authorizer). It asks
again in some ten seconds."""


def setup(facts: Facts) -> Failure | None:
    """Say what the machine can't set up before any container runs; None where it can.

    Never final: it is tried again and again.
    """
    if reached(facts) not in {"queued", "scheduled"}:
        return None
    for event in reversed(facts.events):
        message = f"{event.get('reason')}: {event.get('message')}"
        if PASSING in message:
            continue
        for pattern, code, sentence, next_step in KINDS:
            if re.search(pattern, message):
                return Failure(code=code, sentence=sentence, next_step=next_step, details=(message,), final=False)
    return None
