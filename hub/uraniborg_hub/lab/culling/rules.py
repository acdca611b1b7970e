"""When an idle lab is ended, as the lab itself knows it: environment variables that the hub sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TIMEOUT = "URANIBORG_CULL_TIMEOUT"
WARNING = "URANIBORG_CULL_WARNING"
MAX_AGE = "URANIBORG_CULL_MAX_AGE"
REPORT = "URANIBORG_CULL_REPORT"
STOCK_REPORTS = "JUPYTERHUB_ACTIVITY_INTERVAL"
"""JupyterHub's own variable; with 0 its part of the lab reports nothing."""


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the culler beside the hub does, all in seconds."""

    timeout: float
    """A lab that was not used for so long is ended."""
    warning: float
    """Its user is warned so long before; 0 is never."""
    max_age: float = 0
    """A lab is ended at this age, used or not; 0 is never."""
    report: float
    """The lab tells the hub of new use at most this often."""

    @property
    def tick(self) -> float:
        """Seconds between two looks of the lab at itself."""
        return min(30.0, max(1.0, min(self.warning or self.timeout, self.timeout - self.warning) / 10))


def rules(timeout: int, warning: int, max_age: int, activity_seconds: int) -> Rules:
    """Give the rules of a culler; the hub learns of use early enough that nobody who works is warned."""
    return Rules(
        timeout=timeout, warning=warning, max_age=max_age, report=min(activity_seconds, (timeout - warning) / 2)
    )


def variables(rules: Rules) -> dict[str, str]:
    """Give the variables that tell a lab these rules, and leave its reports to us."""
    return {
        TIMEOUT: f"{rules.timeout:g}",
        WARNING: f"{rules.warning:g}",
        MAX_AGE: f"{rules.max_age:g}",
        REPORT: f"{rules.report:g}",
        STOCK_REPORTS: "0",
    }


def read(environment: Mapping[str, str]) -> Rules | None:
    """Give the rules that a lab's variables name; None where nothing ends it."""
    if TIMEOUT not in environment:
        return None
    timeout, warning, max_age, report = (
        float(environment.get(name, 0)) for name in (TIMEOUT, WARNING, MAX_AGE, REPORT)
    )
    return Rules(timeout=timeout, warning=warning, max_age=max_age, report=report)
