"""Which workers of a pool go when it becomes smaller."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """Who goes: workers that hold nothing, by name, and how many the scheduler has to choose and empty first."""

    idle: tuple[str, ...]
    retired: int


def leaving(workers: Sequence[str], known: Collection[str], wanted: int) -> Leaving:
    """Decide who leaves so that `wanted` stay: first those that the scheduler does not know yet, the newest first.

    Parameters
    ----------
    workers
        Names of all, oldest first.
    known
        Names of those that have joined the scheduler, which may hold results.
    wanted
        How many stay.
    """
    surplus = max(0, len(workers) - wanted)
    idle = [name for name in reversed(workers) if name not in known][:surplus]
    return Leaving(idle=tuple(idle), retired=surplus - len(idle))
