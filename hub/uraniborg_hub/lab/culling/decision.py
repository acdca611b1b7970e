"""Whether the hub has to hear of use, and when the lab ends if nothing happens."""

from __future__ import annotations

from dataclasses import dataclass

from uraniborg_hub.lab.culling.rules import Rules


@dataclass(frozen=True, kw_only=True)
class Use:
    """What is known of a lab's use, moments in seconds of one clock."""

    started: float
    used: float
    """When it was last used."""
    told: float
    """The last use that the hub knows of."""


@dataclass(frozen=True, kw_only=True)
class End:
    """When a lab ends if nobody does anything."""

    seconds: float
    """From now on; 0 is any moment."""
    idle: float
    """Seconds since it was last used."""
    final: bool
    """True: it reaches its greatest age, and use does not keep it."""


def must_tell(use: Use, rules: Rules, now: float) -> bool:
    """Whether the hub has to hear now of use that it does not know of."""
    return use.used > use.told and now - use.told >= rules.report


def end(use: Use, rules: Rules, now: float) -> End:
    """Give the lab's end as the culler will decide it: what the hub does not know of yet it hears in time."""
    idle = End(seconds=max(0.0, use.used + rules.timeout - now), idle=now - use.used, final=False)
    if not rules.max_age:
        return idle
    old = End(seconds=max(0.0, use.started + rules.max_age - now), idle=idle.idle, final=True)
    return min(idle, old, key=lambda each: each.seconds)


def warned(end: End, rules: Rules) -> bool:
    """Whether it is time to warn the user."""
    return bool(rules.warning) and end.seconds <= rules.warning
