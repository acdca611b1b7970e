"""From a pod's status, events and log to the failure that they mean."""

from __future__ import annotations

from collections.abc import Callable

from uraniborg_hub.kubernetes.ended import ended
from uraniborg_hub.kubernetes.failure import ADMINISTRATOR, TELL, Facts, Failure
from uraniborg_hub.kubernetes.images import image
from uraniborg_hub.kubernetes.scheduling import unschedulable
from uraniborg_hub.kubernetes.stages import Stage, stage
from uraniborg_hub.kubernetes.volumes import setup

CAUSES: tuple[Callable[[Facts], Failure | None], ...] = (ended, image, unschedulable, setup)
"""In this order: what has happened before what is waited for."""
UNHEARD = ": the lab's server listens too late, or a network policy turns the hub away"
"""Of a lab that runs and whose server was not heard. Policies of some networks refuse a connection like a lab that
starts, so only the end of the patience tells."""


def problem(facts: Facts) -> Failure | None:
    """Say what is wrong with a starting lab; None where it gets on."""
    return next((failure for cause in CAUSES if (failure := cause(facts))), None)


def removed() -> Failure:
    """Say that somebody removed the pod while it started."""
    return Failure(
        code="removed",
        sentence="Your lab was removed from the cluster while it started.",
        next_step="Start it again; the machine may have been needed for other work.",
    )


def too_late(facts: Facts | None, seconds: float, reached: str) -> Failure:
    """Say why a start took longer than it may, by the last stage that it reached."""
    known = problem(facts) if facts else None
    if known:
        return known
    doing = stage(reached).after if reached else Stage.FIRST
    return Failure(
        code="timeout",
        sentence=f"Your lab did not start within {seconds:.0f} s. It stopped at: {doing}.",
        next_step=f"Try again; if it happens again, {TELL}{UNHEARD if reached == 'started' else ''}.",
        details=tuple(f"{event.get('reason')}: {event.get('message')}" for event in facts.events) if facts else (),
    )


def unreachable(address: str, facts: Facts | None) -> Failure:
    """Say that the lab runs and its server does not answer the hub."""
    return Failure(
        code="unreachable",
        sentence=f"Your lab runs, and the hub does not reach it at {address}.",
        next_step=f"{ADMINISTRATOR}: a network policy or the lab's own settings are in the way.",
        details=facts.log if facts else (),
    )
