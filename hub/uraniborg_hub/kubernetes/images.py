"""An image that a machine can't fetch."""

from __future__ import annotations

import re

from uraniborg_hub.kubernetes.failure import TELL, Facts, Failure

WAITING = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}
    | {"RegistryUnavailable", "SignatureValidationFailed"}
)
"""Reasons for which a container waits for its image."""
OTHER = f"Choose another lab if there is one, and {TELL}."
KINDS: tuple[tuple[str, str, str, bool], ...] = (
    ("InvalidImageName", "image_name", "The name of this lab's software is not one: {image}.", True),
    ("ErrImageNeverPull", "image_absent", "The machine lacks this lab's software and may not fetch it: {image}.", True),
    (
        r"unauthorized|denied|authorization|authentication|no basic auth|403 Forbidden",
        "image_refused",
        "The registry does not let the cluster fetch this lab's software: {image}.",
        True,
    ),
    (
        r"not found|manifest unknown|name unknown|does not exist",
        "image_missing",
        "This lab's software is not in the registry: {image}.",
        True,
    ),
    (r"", "image_unreachable", "The machine can't fetch this lab's software now: {image}.", False),
)
"""What reason and message hold, code, cause, and whether waiting is in vain; the first that fits is told."""


def image(facts: Facts) -> Failure | None:
    """Say why the image does not come; None where nothing is wrong with it."""
    waiting = (facts.lab.get("state") or {}).get("waiting") or {}
    reason = str(waiting.get("reason", ""))
    if reason not in WAITING:
        return None
    message = f"{reason}: {waiting.get('message') or ''} {_pull_event(facts)}"
    for pattern, code, sentence, final in KINDS:
        if re.search(pattern, message):
            return Failure(
                code=code,
                sentence=sentence.format(image=facts.image),
                next_step=OTHER,
                details=(message.strip(),),
                final=final,
            )
    return None


def _pull_event(facts: Facts) -> str:
    """Give the last words about fetching: in a pause between two attempts the status may not hold them."""
    failed = [event for event in facts.events if str(event.get("message", "")).startswith("Failed to pull image")]
    return str(failed[-1]["message"]) if failed else ""
