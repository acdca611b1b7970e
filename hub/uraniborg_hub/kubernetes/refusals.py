"""What the cluster's API says when it does not take a lab."""

from __future__ import annotations

import json
import re

from uraniborg_hub.kubernetes.failure import ADMINISTRATOR, TELL, Failure

FORBIDDEN, ABSENT, INVALID = 403, 404, 422
KINDS: tuple[tuple[str, str, str, str], ...] = (
    (
        r"exceeded quota",
        "quota",
        "The labs of this platform use all that they may together{used}.",
        "End what you do not need, or try again when others have ended theirs.",
    ),
    (
        r"violates PodSecurity|denied the request|ValidatingAdmissionPolicy",
        "policy",
        "The cluster's rules do not allow this lab.",
        f"Choose another lab if there is one, and {TELL}.",
    ),
    (
        r"cannot (?:create|list|watch|get|delete) resource",
        "rights",
        "The platform may not start labs on this cluster.",
        f"{ADMINISTRATOR}: the hub's service account lacks a right, which the details name.",
    ),
    (
        r"namespaces? \S+ not found|being terminated",
        "namespace",
        "The place for labs on this cluster is gone.",
        f"{ADMINISTRATOR}: the namespace of labs does not exist, or is being removed.",
    ),
)
"""What the API's message holds, code, cause and next step."""
_USED = re.compile(r"requested: (?P<requested>\S+), used: (?P<used>\S+), limited: (?P<limited>\S+)")


def refused(status: int, message: str) -> Failure:
    """Say why the API refused to make a pod or a volume, from its HTTP status and its words."""
    for pattern, code, template, next_step in KINDS:
        if re.search(pattern, message):
            sentence = template.format(used=_used(message))
            return Failure(code=code, sentence=sentence, next_step=next_step, details=(message,))
    if status in {INVALID, 400}:
        return Failure(
            code="settings",
            sentence="The cluster does not understand the settings of this lab.",
            next_step=f"Choose another lab if there is one, and {TELL}.",
            details=(message,),
        )
    return Failure(
        code="cluster",
        sentence="The cluster does not take new labs now.",
        next_step=f"Try again in a minute; if it stays so, {TELL}.",
        details=(f"{status}: {message}",),
    )


def words(body: str | bytes | None, reason: str | None) -> str:
    """Give the message of an answer of the API; its reason where there is none."""
    try:
        return str(json.loads(body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return str(reason or body or "")


def _used(message: str) -> str:
    found = _USED.search(message)
    if not found:
        return ""
    used, limited = (found[name].replace("=", " ").replace(",", ", ") for name in ("used", "limited"))
    return f" ({used} of {limited})"
