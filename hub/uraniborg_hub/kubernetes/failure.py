"""A start that failed: its cause in one sentence, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from jupyterhub.spawner import SpawnException

Object = Mapping[str, Any]
"""An object of Kubernetes as its API gives it, in camel case."""

UNAVAILABLE = 503
ADMINISTRATOR = "Tell the administrator of this platform"
TELL = "tell the administrator of this platform"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a lab did not start, or does not get on."""

    code: str
    """One word for metrics and tests."""
    sentence: str
    """The cause, for a scientist."""
    next_step: str
    """What to do now."""
    details: tuple[str, ...] = ()
    """The cluster's own words, or the last lines of the lab's log; for who wants to know more."""
    final: bool = True
    """False: Kubernetes keeps trying, and may get on by itself."""

    @property
    def text(self) -> str:
        """All but the details, in one line."""
        return f"{self.sentence} {self.next_step}"

    @property
    def html(self) -> str:
        """The whole, as a part of a page."""
        lines = "\n".join(escape(line) for line in self.details)
        more = f"<details><summary>What the cluster says</summary><pre>{lines}</pre></details>" if lines else ""
        return f"<strong>{escape(self.sentence)}</strong><br>{escape(self.next_step)}{more}"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known about a lab's pod at one moment."""

    pod: Object
    events: Sequence[Object] = ()
    """The events of this pod, oldest first."""
    log: tuple[str, ...] = ()
    """The last lines of its log, where somebody has read them."""

    @property
    def status(self) -> Object:
        """The pod's status."""
        status: Object = self.pod.get("status") or {}
        return status

    @property
    def lab(self) -> Object:
        """The status of the lab's container; empty while there is none."""
        return container(self.status.get("containerStatuses"), LAB)

    @property
    def image(self) -> str:
        """The image that the pod asks for."""
        containers = (self.pod.get("spec") or {}).get("containers") or [{}]
        return str(container(containers, LAB).get("image", ""))

    @property
    def limits(self) -> Mapping[str, str]:
        """The lab's limits, resource to quantity."""
        containers = (self.pod.get("spec") or {}).get("containers") or [{}]
        return (container(containers, LAB).get("resources") or {}).get("limits") or {}


LAB = "notebook"
"""KubeSpawner's name of the lab's container."""


def container(statuses: Sequence[Object] | None, name: str) -> Object:
    """Give the entry of one container; empty where there is none."""
    return next((each for each in statuses or () if each.get("name") == name), {})


class LabFailed(SpawnException):
    """A lab that did not start; the page of the click shows its words, and so do later ones."""

    def __init__(self, failure: Failure) -> None:
        SpawnException.__init__(self, failure.text, reason=failure.code, status_code=UNAVAILABLE)
        self.failure = failure
        self.jupyterhub_message = failure.text
        self.jupyterhub_html_message = failure.html
