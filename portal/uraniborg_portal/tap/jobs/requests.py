"""Values that a client sends to a job of UWS 1.1, in its words and ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from uraniborg_portal.errors import BadParameter
from uraniborg_portal.tap.given import Given
from uraniborg_portal.tap.jobs.models import KNOWN_PHASES, Parameters
from uraniborg_portal.tap.jobs.store import Wanted
from uraniborg_portal.tap.params import KNOWN

LONGEST_WAIT = 50
"""Seconds that a request waits at most: proxies end connections that are silent for a minute."""


def query_parameters(given: Given) -> Parameters:
    """Give what belongs to the query; what TAP does not know is left out."""
    return tuple((name.upper(), value) for name, value in given.parameters if name.upper() in KNOWN)


def wanted_phase(given: Given) -> Literal["RUN", "ABORT"] | None:
    """Give what is to become of the job.

    Raises
    ------
    BadParameter
        PHASE is neither RUN nor ABORT.
    """
    values = {value.strip().upper() for value in given.all("PHASE")}
    if not values:
        return None
    if len(values) > 1:
        raise BadParameter("PHASE is given twice with different values.", "Give PHASE once.", field="PHASE")
    (value,) = values
    match value:
        case "RUN":
            return "RUN"
        case "ABORT":
            return "ABORT"
    raise BadParameter(f"PHASE={value[:40]!r} can't be asked for.", "Accepted: RUN, ABORT.", field="PHASE")


def wanted_seconds(given: Given) -> float:
    """Give the time limit that is wanted, seconds; 0 is none.

    Raises
    ------
    BadParameter
        EXECUTIONDURATION is missing or is no number of seconds.
    """
    value = (given.last("EXECUTIONDURATION") or "").strip()
    if not (value.isascii() and value.isdigit()):
        raise BadParameter(
            f"EXECUTIONDURATION={value[:40]!r} is not a number of seconds: 0, 1, 2, ...", field="EXECUTIONDURATION"
        )
    return float(value[:12])


def wanted_destruction(given: Given) -> float:
    """Give when the job is to be removed, Unix seconds.

    Raises
    ------
    BadParameter
        DESTRUCTION is missing or is no time.
    """
    return moment_of("DESTRUCTION", given.last("DESTRUCTION") or "")


def wanted_jobs(given: Given) -> Wanted:
    """Give which jobs a list is to show.

    Raises
    ------
    BadParameter
        PHASE, AFTER or LAST has a value that is not accepted.
    """
    phases = tuple(value.strip().upper() for value in given.all("PHASE"))
    for phase in phases:
        if phase not in KNOWN_PHASES:
            accepted = ", ".join(KNOWN_PHASES)
            raise BadParameter(f"PHASE={phase[:40]!r} is none.", f"Accepted: {accepted}.", field="PHASE")
    after, last = given.last("AFTER"), (given.last("LAST") or "").strip()
    if last and not (last.isascii() and last.isdigit() and int(last[:9])):
        raise BadParameter(f"LAST={last[:40]!r} is not a number of jobs: 1, 2, 3, ...", field="LAST")
    return Wanted(
        phases=phases, after=None if after is None else moment_of("AFTER", after), last=int(last[:9]) if last else None
    )


def wanted_wait(given: Given) -> float:
    """Give how long the answer may wait for a change, seconds; -1 is as long as is possible.

    Raises
    ------
    BadParameter
        WAIT is no whole number.
    """
    value = (given.last("WAIT") or "0").strip()
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise BadParameter(f"WAIT={value[:40]!r} is not a number of seconds, or -1.", field="WAIT")
    return LONGEST_WAIT if value.startswith("-") else min(int(digits[:9]), LONGEST_WAIT)


def moment_of(name: str, value: str) -> float:
    """Give a time of ISO 8601, UTC where it names no zone, as Unix seconds.

    Raises
    ------
    BadParameter
        It is none.
    """
    try:
        found = datetime.fromisoformat(value.strip())
        return found.replace(tzinfo=found.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise BadParameter(
            f"{name}={value[:40]!r} is not a time.", "Accepted: ISO 8601, as 2026-11-22T19:30:00Z.", field=name
        ) from error
