"""A pod that no machine takes: which resource, taint or volume stands in the way."""

from __future__ import annotations

import re

from uraniborg_hub.kubernetes.failure import ADMINISTRATOR, TELL, Facts, Failure, Object
from uraniborg_hub.kubernetes.quantity import amount, gibibytes

SMALLER = "Choose a smaller lab, or try again when others have ended theirs."
REASONS: tuple[tuple[str, str, str, str], ...] = (
    (
        r'persistentvolumeclaim "(?P<what>[^"]+)" not found',
        "volume",
        "A volume that your lab needs does not exist ({what}).",
        f"{ADMINISTRATOR}; starting again does not help before it is there.",
    ),
    (
        r"unbound immediate PersistentVolumeClaims",
        "volume",
        "The volume for your files is not there yet: the cluster has not provided it.",
        f"Try again in a minute; if it stays so, {TELL}.",
    ),
    (
        r"volume node affinity conflict|exceed max volume count",
        "volume",
        "Your files are on a volume that the machines with room can't reach.",
        f"{ADMINISTRATOR}; your files are safe.",
    ),
    (
        r"Insufficient (?P<what>[\w.-]+/[\w.-]*\w)",
        "gpu",
        "No machine of the cluster has a free {what}.",
        "Choose a lab without it, or try again when others have ended theirs.",
    ),
    (r"Insufficient memory", "memory_full", "No machine of the cluster has {size} of memory free.", SMALLER),
    (r"Insufficient cpu", "cpu_full", "No machine of the cluster has {cpu} processors free.", SMALLER),
    (
        r"Insufficient ephemeral-storage|Too many pods",
        "machines_full",
        "The machines of the cluster hold as many labs as they can.",
        "Try again when others have ended theirs.",
    ),
    (
        r"didn't match Pod's node affinity/selector",
        "selector",
        "No machine of the cluster is of the kind that this lab wants.",
        f"Choose another lab, or {TELL}.",
    ),
    (
        r"untolerated taint",
        "taint",
        "All machines of the cluster are reserved for other work or out of order.",
        f"{ADMINISTRATOR}; the details name the mark (taint) of the machines.",
    ),
)
"""What the scheduler's message holds, code, cause and next step; the first that fits is told. A volume comes first:
no free machine helps without it. Taints come last: the machines of the control plane have one."""
SCALING = "TriggeredScaleUp"
"""The reason of the cluster autoscaler's event: a new machine is on its way."""


def unschedulable(facts: Facts) -> Failure | None:
    """Say what a pod without a machine waits for; None where it has one or was not looked at yet.

    Never final: a machine may become free, and a volume may come.
    """
    message = _message(facts)
    if message is None:
        return None
    for pattern, code, sentence, next_step in REASONS:
        found = re.search(pattern, message)
        if found:
            words = {"what": found.groupdict().get("what", ""), **requests(facts.pod)}
            return Failure(
                code=code, sentence=sentence.format(**words), next_step=next_step, details=(message,), final=False
            )
    return Failure(
        code="unschedulable",
        sentence="No machine of the cluster takes your lab.",
        next_step=f"Try again in a minute; if it stays so, {TELL}.",
        details=(message,),
        final=False,
    )


def growing(facts: Facts) -> bool:
    """Whether the cluster is getting a machine for this pod."""
    return any(event.get("reason") == SCALING for event in facts.events)


def requests(pod: Object) -> dict[str, str]:
    """Give what the lab asks for, in words: `cpu`, and `size` of memory."""
    containers = (pod.get("spec") or {}).get("containers") or [{}]
    asked = (containers[0].get("resources") or {}).get("requests") or {}
    return {"cpu": processors(str(asked.get("cpu", ""))), "size": memory(str(asked.get("memory", ""))) or "enough"}


def processors(quantity: str) -> str:
    """Give a number of processors for a reader; as it is where it can't be read."""
    try:
        return f"{float(amount(quantity)):g}"
    except ValueError:
        return quantity or "enough"


def memory(quantity: str) -> str:
    """Give an amount of memory for a reader; as it is where it can't be read."""
    try:
        return gibibytes(quantity)
    except ValueError:
        return quantity


def _message(facts: Facts) -> str | None:
    conditions = facts.status.get("conditions") or ()
    refusals = [each for each in conditions if each.get("type") == "PodScheduled" and each.get("status") == "False"]
    return str(refusals[0].get("message") or "") if refusals else None
