"""Why a pod of a pool does not run: Kubernetes' conditions and events in a sentence, with what to do next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]

LESS = "Ask for fewer workers or less memory, or wait until others end."
OPERATOR = "Tell whoever runs this platform."
NO_ROOM = "no node has enough free"

WORDS = (
    (r"exceeded quota", "the quota of this cluster's namespace is used up", LESS),
    (r"Insufficient cpu", f"{NO_ROOM} CPU", LESS),
    (r"Insufficient memory", f"{NO_ROOM} memory", LESS),
    (r"Insufficient ephemeral-storage", f"{NO_ROOM} disk", LESS),
    (r"Insufficient (\S*gpu)", f"{NO_ROOM} GPUs", LESS),
    (r"Too many pods", "every node has as many pods as it takes", LESS),
    (r"untolerated taint", "the nodes with room are kept for other work or not ready", OPERATOR),
    (r"node affinity|node selector", "no node has the labels that workers are bound to", OPERATOR),
    (r"persistentvolumeclaim|PersistentVolumeClaim", "a volume that it needs can't be had", OPERATOR),
    (r"no nodes available", "the cluster has no node", OPERATOR),
    (r"violates PodSecurity", "the cluster's pod security refuses it", OPERATOR),
    (r"ValidatingAdmissionPolicy|denied request|admission webhook", "a rule of the cluster refuses it", OPERATOR),
    (r"InvalidImageName", "the name of the lab's image is no image's name", OPERATOR),
    (r"ImagePull.*(not found|NotFound|manifest unknown)", "the lab's image is not there any more",
     "Restart your lab."),
    (r"ImagePullBackOff|ErrImagePull|ErrImageNeverPull", "the lab's image can't be pulled", OPERATOR),
    (r"CreateContainer\w*Error|RunContainerError", "its container can't be made", OPERATOR),
    (r"OOMKilled", "it needed more memory than it may have", "Make a pool with more memory for each worker."),
    (r"MountVolume|FailedMount|FailedAttachVolume|Unable to attach", "a volume can't be mounted", OPERATOR),
    (r"CrashLoopBackOff|Error|StartError|ContainerCannotRun", "it ended as soon as it was started", OPERATOR),
    (r"Evicted|Preempt", "its node took it away to make room", "Wait: another one comes."),
    (r"NodeLost|NodeNotReady|node is not ready", "its node does not answer", "Wait: another one comes."),
)  # fmt: skip
"""What Kubernetes says, as a regular expression; what it means; what to do. The first that matches counts."""
ENDING = frozenset(
    {"ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "CreateContainerConfigError", "CrashLoopBackOff"}
)
"""Reasons for which a scheduler that waits never comes."""
LONGEST = 200
"""Characters of Kubernetes' own words that are repeated."""


def sentence(what: str, said: str) -> str:
    """Give the cause of `what`, Kubernetes' own words in brackets, and what to do next."""
    short = " ".join(said.split())[:LONGEST].rstrip(".: ")
    for pattern, meaning, remedy in WORDS:
        if re.search(pattern, said):
            return f"{what}: {meaning} ({short}). {remedy}"
    return f"{what} ({short})." if short else f"{what}."


def said_of(pod: Json, events: Iterable[Json] = ()) -> str:
    """Give Kubernetes' own words on why a pod's container does not run; empty when it runs or just begins."""
    status = pod.get("status") or {}
    if status.get("reason"):
        return f"{status['reason']}: {status.get('message', '')}"
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return str(condition.get("message") or condition.get("reason") or "")
    for container in status.get("containerStatuses") or ():
        if words := _of_container(container):
            return words
    return _last(events, str(pod["metadata"]["name"]))


def _of_container(container: Json) -> str:
    state, last = container.get("state") or {}, (container.get("lastState") or {}).get("terminated")
    waiting, ended = state.get("waiting"), state.get("terminated")
    if waiting and waiting.get("reason") not in (None, "ContainerCreating", "PodInitializing", "CrashLoopBackOff"):
        return f"{waiting['reason']}: {waiting.get('message', '')}"
    if gone := ended or (last if waiting else None):
        words = (gone.get("message") or "").strip().splitlines()
        return f"{gone.get('reason', 'Error')}, exit code {gone.get('exitCode')}: {words[-1] if words else ''}"
    return ""


def _last(events: Iterable[Json], start: str) -> str:
    """Give the words of the newest warning about objects whose names begin so."""
    mine = [event for event in events if str(event["involvedObject"].get("name", "")).startswith(start)]
    newest = max(mine, key=lambda event: str(event.get("lastTimestamp") or event.get("eventTime") or ""), default={})
    return f"{newest['reason']}: {newest.get('message', '')}" if newest else ""


def waiting(workers: Mapping[str, Json | None], events: Iterable[Json]) -> str:
    """Give why workers are not there yet, in a sentence; empty when nothing is known against their coming.

    Parameters
    ----------
    workers
        The workers that do not answer yet: the name of each, and its pod or None where there is not even one.
    events
        Warnings of the namespace.
    """
    warnings = list(events)
    said = {name: said_of(pod, warnings) if pod else _last(warnings, name) for name, pod in workers.items()}
    causes = Counter(sentence("", words) for words in said.values() if words)
    if not causes:
        return ""
    cause, count = causes.most_common(1)[0]
    return f"{count} worker{'' if count == 1 else 's'} can't start{cause}"


def unmade(number: int) -> str:
    """Give what to say of workers of which the operator has made nothing."""
    return f"{number} worker{'' if number == 1 else 's'} not made yet: the operator of Dask clusters is busy or away."


def pending_scheduler(pod: Json, events: Iterable[Json]) -> str:
    """Give why a pool has no scheduler yet, in a sentence; `pod` has at least the beginning of its name."""
    words = said_of(pod, events)
    return sentence("The pool's scheduler is not there yet", words) if words else ""


def completed(pod: Json) -> bool:
    """Whether a scheduler ended in good order: a client told it to."""
    state: Json = next(iter((pod.get("status") or {}).get("containerStatuses") or ()), {})
    now, last = state.get("state") or {}, state.get("lastState") or {}
    gone = now.get("terminated") or last.get("terminated") or {}
    return gone.get("exitCode") == 0


def broken_scheduler(pod: Json) -> str | None:
    """Give why a scheduler will not come, or has lost what it knew, in a sentence; None while all is well."""
    status = pod.get("status") or {}
    state: Json = next(iter(status.get("containerStatuses") or ()), {})
    waits = ((state.get("state") or {}).get("waiting") or {}).get("reason")
    ended = (state.get("state") or {}).get("terminated")
    if state.get("restartCount") or ended or status.get("phase") == "Failed":
        words = said_of(pod) or _of_container({"state": {"terminated": _gone(state)}})
        return sentence("The pool's scheduler ended", words)
    if waits in ENDING:
        return sentence("The pool's scheduler can't start", said_of(pod))
    return None


def _gone(state: Json) -> Json:
    found: Json = (state.get("lastState") or {}).get("terminated") or {"reason": "Error", "exitCode": "unknown"}
    return found
