"""A step of a query on its way to a worker, and its answer on the way back: JSON text and Arrow."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.arrow import read_table, written_table
from uraniborg_portal.engine.plan import Step
from uraniborg_portal.engine.process import Order
from uraniborg_portal.engine.statement import statement_of
from uraniborg_portal.errors import (
    BadParameter,
    PortalError,
    QueryRefused,
    QueryStopped,
    TookTooLong,
    TooLarge,
    Unavailable,
)
from uraniborg_portal.settings import QueryLimits

KINDS: dict[str | None, type[PortalError]] = {
    kind.code: kind for kind in (BadParameter, QueryRefused, QueryStopped, TookTooLong, TooLarge, Unavailable)
}
"""What a worker may raise here."""
ROWS = b"\n"
"""With what an answer begins that has rows; an error is JSON."""


def written_order(step: Step, order: Order, allowance: Allowance) -> str:
    """Give a step, and what is allowed to who answers it, as text."""
    said = {
        "statement": step.statement.as_json(),
        "folders": sorted(map(str, order.folders)),
        "sandboxed": order.sandboxed,
        "limits": order.limits.model_dump(),
        "seconds": allowance.seconds,
        "passed": allowance.passed,
        "remedy": allowance.remedy,
    }
    return json.dumps(said)


def read_order(text: str, spill: Path) -> tuple[Step, Order, Allowance]:
    """Give what `written_order` wrote; `spill` is on this machine."""
    said = json.loads(text)
    order = Order(
        folders=frozenset(map(Path, said["folders"])), spill=spill, sandboxed=said["sandboxed"],
        limits=QueryLimits.model_validate(said["limits"]), scans=True,
    )  # fmt: skip
    allowance = Allowance(seconds=said["seconds"], passed=said["passed"], remedy=said["remedy"])
    return Step(statement=statement_of(said["statement"])), order, allowance


def written_answer(answer: pa.Table | PortalError) -> bytes:
    """Give rows, or the error in their place."""
    if isinstance(answer, PortalError):
        return json.dumps(answer.as_json()).encode()
    return ROWS + bytes(written_table(answer))


def read_answer(content: bytes) -> pa.Table:
    """Give the rows that `written_answer` wrote.

    Raises
    ------
    PortalError
        It wrote an error.
    """
    if content.startswith(ROWS):
        return read_table(pa.py_buffer(content).slice(len(ROWS)))
    said = json.loads(content)
    raise KINDS.get(said["error"], Unavailable)(said["message"], said["remedy"])
