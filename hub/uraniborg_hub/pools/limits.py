"""Deciding whether a pool may be made or grow: pure, every refusal says what was asked and what is accepted."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from uraniborg_hub.pools.errors import BadParameter, TooMany, shown
from uraniborg_hub.pools.models import Bounds, PoolSpec
from uraniborg_hub.pools.settings import MEBIBYTE, SMALLEST_MEMORY, PoolLimits

DEFAULT_WORKERS = 4
UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "t": 1000**4, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
MEMORY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s{0,3}([kmgt]?i?)b?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a pool is: workers, threads of each, bytes of each."""

    workers: int
    threads: int
    memory: int
    adapt: Bounds | None = None


@dataclass(frozen=True, kw_only=True)
class Use:
    """One pool that runs now, as far as the limits look at it."""

    owner: str
    workers: int
    """How many it has or may come to have by itself."""


def readable(memory: int) -> str:
    """Give bytes as a person writes them: whole GiB or MiB, rounded down."""
    gibibytes, rest = divmod(memory, 1024 * MEBIBYTE)
    return f"{gibibytes} GiB" if gibibytes and not rest else f"{memory // MEBIBYTE} MiB"


def known(given: Mapping[str, object], names: Collection[str]) -> None:
    """Refuse parameters that do not exist."""
    unknown = sorted(set(given) - set(names))
    if unknown:
        accepted = ", ".join(names)
        raise BadParameter(
            f"There is no parameter {shown(unknown[0])}; accepted: {accepted}.",
            "Leave it out.",
            field=unknown[0] if unknown[0].isidentifier() and unknown[0].isascii() else None,
        )


def whole(given: object, name: str, least: int, most: int) -> int:
    """Give a whole number within its bounds, or say what is accepted."""
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise BadParameter(
            f"{name} is {shown(given)}; a whole number from {least} to {most} is accepted.",
            f"Ask for at most {most}, or have the limit raised by whoever runs this platform.",
            field=name,
        )
    return given


def memory_bytes(given: object, limits: PoolLimits) -> int:
    """Give the bytes of one worker from `1GB`, `512 MiB`, a number of bytes, or None for the most that is given."""
    if given is None:
        return limits.memory_per_worker
    match = MEMORY.fullmatch(str(given).strip()) if isinstance(given, str | int) and len(shown(given)) < 40 else None
    asked = 0 if match is None or isinstance(given, bool) else int(float(match[1]) * UNITS.get(match[2].lower(), 0))
    if not SMALLEST_MEMORY <= asked <= limits.memory_per_worker:
        least, most = readable(SMALLEST_MEMORY), readable(limits.memory_per_worker)
        raise BadParameter(
            f"memory is {shown(given)}; for each worker {least} to {most} are accepted, as 1GB or 512MiB.",
            "Leave it out to get the most.",
            field="memory",
        )
    return asked


def room(workers: int, owner: str, others: Collection[Use], limits: PoolLimits) -> None:
    """Refuse workers for which the owner, or the machine, has no room beside the pools that run."""
    mine = sum(use.workers for use in others if use.owner == owner)
    if mine + workers > limits.workers_per_user:
        raise TooMany(
            f"{workers} workers were asked for and {mine} are taken by your other pools; "
            f"{limits.workers_per_user} together are accepted.",
            f"Ask for at most {limits.workers_per_user - mine}, or close another pool first.",
            field="workers",
        )
    everyone = sum(use.workers for use in others)
    if everyone + workers > limits.workers:
        raise TooMany(
            f"{workers} workers were asked for and {everyone} of the platform's {limits.workers} are taken.",
            f"Ask for at most {limits.workers - everyone}, or again later.",
            field="workers",
        )


def bounds(given: object, limits: PoolLimits) -> Bounds:
    """Give the bounds of a pool that follows its load, from `{"minimum": 0, "maximum": 8}`."""
    if not isinstance(given, Mapping):
        raise BadParameter(
            f"adapt is {shown(given)}; an object with minimum and maximum is accepted.",
            f'For example {{"minimum": 0, "maximum": {limits.workers_per_user}}}.',
            field="adapt",
        )
    known(given, ("minimum", "maximum"))
    maximum = whole(given.get("maximum"), "maximum", 1, limits.workers_per_user)
    return Bounds(minimum=whole(given.get("minimum", 0), "minimum", 0, maximum), maximum=maximum)


def number(
    given: Mapping[str, object], default: int | None, least: int, limits: PoolLimits
) -> tuple[int, Bounds | None]:
    """Give how many workers are asked for, and the bounds where their number is to follow the load."""
    if "adapt" not in given:
        return whole(given.get("workers", default), "workers", least, limits.workers_per_user), None
    if "workers" in given:
        raise BadParameter("workers and adapt were given; one of them is accepted.", "Leave one out.", field="adapt")
    adapt = bounds(given["adapt"], limits)
    return adapt.minimum, adapt


def plan(given: Mapping[str, object], owner: str, running: Collection[Use], limits: PoolLimits) -> Size:
    """Decide on a new pool.

    Parameters
    ----------
    given
        What was asked: `workers` or `adapt`, `memory` and `threads`, each optional, of any type.
    owner
        Who asks.
    running
        Every pool that starts, runs or stops now, of everyone.
    limits
        What is accepted.

    Raises
    ------
    BadParameter
        A value is outside of what a single pool can be.
    TooMany
        The pool would be accepted if fewer others ran.
    """
    known(given, ("workers", "memory", "threads", "adapt"))
    workers, adapt = number(given, min(DEFAULT_WORKERS, limits.workers_per_user), 1, limits)
    size = Size(
        workers=workers,
        adapt=adapt,
        threads=whole(given.get("threads", 1), "threads", 1, limits.threads_per_worker),
        memory=memory_bytes(given.get("memory"), limits),
    )
    mine = sum(1 for use in running if use.owner == owner)
    if mine >= limits.pools_per_user:
        raise TooMany(
            f"One more pool was asked for and you have {mine}; {limits.pools_per_user} are accepted.",
            "Close one first: pool.close(), or the Stop button on the page of pools.",
        )
    room(adapt.maximum if adapt else workers, owner, running, limits)
    return size


def plan_scale(given: Mapping[str, object], spec: PoolSpec, others: Collection[Use], limits: PoolLimits) -> PoolSpec:
    """Decide on a pool's new number of workers, none included, or on its new bounds; `others` are all other pools."""
    known(given, ("workers", "adapt"))
    workers, adapt = number(given, None, 0, limits)
    scaled = replace(spec, workers=adapt.within(spec.workers) if adapt else workers, adapt=adapt)
    room(scaled.reach, spec.owner, others, limits)
    return scaled
