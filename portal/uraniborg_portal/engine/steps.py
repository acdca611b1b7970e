"""The steps of a plan, answered by workers, and put together where the plan says so."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

import pyarrow as pa

from uraniborg_portal.catalogs.shard_cache import ShardCache
from uraniborg_portal.engine.allowance import Allowance, interactive
from uraniborg_portal.engine.answer import Weight
from uraniborg_portal.engine.at_hand import at_hand
from uraniborg_portal.engine.plan import Plan
from uraniborg_portal.engine.scans import Scan
from uraniborg_portal.engine.scatter import GATHERED
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.engine.workers import QueryWorkers

Scanned = Callable[[Plan, Mapping[str, pa.Table]], Scan]
"""Gives a plan of several steps its way through the scan lane; they may name tables in memory."""


@contextmanager
def answered(
    workers: QueryWorkers,
    scanned: Scanned,
    plan: Plan,
    tables: Mapping[str, pa.Table],
    cache: ShardCache,
    allowance: Allowance | None = None,
) -> Iterator[Iterator[pa.RecordBatch]]:
    """Give the rows of a plan as they come; `tables` are in memory, and its SQL may name them.

    Shards of other hosts are brought into `cache`, those of each step before it begins.

    Raises
    ------
    PortalError
        As `QueryWorkers.rows` has it, when it is entered or rows are taken.
    """
    given = allowance or interactive(workers.order.limits)
    with workers.placed(given):
        # It has its place, and keeps it from one step to the next.
        taken = replace(given, interactive=False)
        rows = (
            whole(workers, plan, tables, cache, taken)
            if len(plan.steps) == 1
            else scattered(workers, scanned(plan, tables), taken)
        )
        with closing(rows):
            yield rows


def whole(
    workers: QueryWorkers, plan: Plan, tables: Mapping[str, pa.Table], cache: ShardCache, allowance: Allowance
) -> Generator[pa.RecordBatch, None, None]:
    """Give the rows of a plan of one step, as its worker has them, once what it reads is here."""
    (step,) = plan.steps
    with (
        at_hand(cache, step.fetched, allowance, lambda here, of: allowance.progress(here, of + 1)) as left,
        workers.rows(step.statement, tables, left) as answer,
    ):
        yield from answer
    every = len(step.fetched) + 1
    allowance.progress(every, every)


def scattered(workers: QueryWorkers, scan: Scan, allowance: Allowance) -> Generator[pa.RecordBatch, None, None]:
    """Give the rows of a plan of several steps."""
    plan, weight = scan.plan, Weight(workers.order.limits.result_megabytes)
    parts: list[pa.Table] = []
    left = plan.rows
    with closing(scan.tables(allowance)) as found:
        for table in found:
            weight.add(table.nbytes)
            if plan.gather:
                parts.append(table)
                continue
            # Each step gives as many rows as are asked for of all of them together.
            yield from table.slice(0, left).to_batches()
            left -= table.num_rows
            if left <= 0:
                return
    if plan.gather:
        rest = replace(allowance, passed=scan.passed)
        with workers.rows(Statement(sql=plan.gather), {GATHERED: pa.concat_tables(parts)}, rest) as answer:
            yield from answer
