"""The steps of a plan, answered by workers one after the other, and put together where the plan says so."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

import pyarrow as pa

from uraniborg_portal.engine.allowance import Allowance, interactive
from uraniborg_portal.engine.answer import Weight
from uraniborg_portal.engine.plan import Plan
from uraniborg_portal.engine.scatter import GATHERED
from uraniborg_portal.engine.workers import QueryWorkers


@contextmanager
def answered(
    workers: QueryWorkers, plan: Plan, tables: Mapping[str, pa.Table], allowance: Allowance | None = None
) -> Iterator[Iterator[pa.RecordBatch]]:
    """Give the rows of a plan as they come; `tables` are in memory, and its SQL may name them.

    Raises
    ------
    PortalError
        As `QueryWorkers.rows` has it, when it is entered or rows are taken.
    """
    given = allowance or interactive(workers.order.limits)
    with workers.placed(given):
        # It has its place, and keeps it from one step to the next.
        steps = Steps(workers, plan, tables, replace(given, interactive=False))
        with closing(steps.rows()) as rows:
            yield rows


class Steps:
    """The steps of one plan on their way; the time and the size that a query may have are those of all together."""

    def __init__(self, workers: QueryWorkers, plan: Plan, tables: Mapping[str, pa.Table], allowance: Allowance) -> None:
        self.workers = workers
        self.plan = plan
        self.tables = tables
        self.allowance = allowance
        self.passed = 0.0
        """Seconds for which rows were waited for."""
        self.schema: pa.Schema | None = None
        """Names and types of what the steps give; known with the first."""

    def rows(self) -> Generator[pa.RecordBatch, None, None]:
        """Give the rows of the plan."""
        if self.plan.gather is None:
            yield from self.in_turn()
            return
        batches = list(self.in_turn())
        gathered = pa.Table.from_batches(batches, schema=self.schema)
        with self.workers.rows(self.plan.gather, {GATHERED: gathered}, self.left()) as answer:
            yield from answer

    def in_turn(self) -> Iterator[pa.RecordBatch]:
        """Give the rows of all steps, one step after the other, and no more where they are enough."""
        weight, rows = Weight(self.workers.order.limits.result_megabytes), 0
        for number, step in enumerate(self.plan.steps, 1):
            with self.workers.rows(step.sql, self.tables, self.left(), step.matching) as answer:
                self.schema = answer.schema
                for batch in answer:
                    weight.add(batch.nbytes)
                    # Each step gives as many rows as are asked for of all of them together.
                    yield batch if self.plan.gather else batch.slice(0, max(0, self.plan.rows - rows))
                    rows += batch.num_rows
                self.passed += answer.seconds
            if self.plan.gather is None and rows >= self.plan.rows:
                return
            self.allowance.progress(number, len(self.plan.steps))

    def left(self) -> Allowance:
        """Give what is left of the allowance."""
        return replace(self.allowance, passed=self.passed)
