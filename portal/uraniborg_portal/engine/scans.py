"""The steps of one long query in the scan lane: several at once, and ended together."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace

import pyarrow as pa

from uraniborg_portal.catalogs.layout import CELLS
from uraniborg_portal.engine.allowance import Allowance, Stop
from uraniborg_portal.engine.lane import ScanLane
from uraniborg_portal.engine.plan import Plan, Step

LOOK = 0.1
"""Seconds after which who waits for a step sees that nobody wants it any more, or that the time has passed."""
StepTable = Callable[[Step, Mapping[str, pa.Table], Allowance], pa.Table]
"""Gives the rows of a step, which may name tables in memory; ends at once when its allowance's `stop` says so."""


class Scan:
    """One query on its way through the lane."""

    def __init__(self, lane: ScanLane, table_of: StepTable, plan: Plan, tables: Mapping[str, pa.Table]) -> None:
        self.lane = lane
        self.table_of = table_of
        self.plan = plan
        self.given = tables
        self.passed = 0.0
        """Seconds for which rows were waited for."""

    def tables(self, allowance: Allowance) -> Generator[pa.Table, None, None]:
        """Give the rows of each step; what runs yet when the generator is closed is ended.

        Rows that are gathered come in any order. Others come in the order of the sky, from where the sweep is, and no
        more steps are ahead of who takes them than the lane runs at once.

        Raises
        ------
        PortalError
            A step's; QueryStopped, TookTooLong.
        """
        stop = Stop()
        ahead = len(self.plan.steps) if self.plan.gather else self.lane.slots
        steps = iter(self.in_order())
        running: list[Future[pa.Table]] = []
        with allowance.stop.ended_by(stop.ask):
            try:
                for done in range(len(self.plan.steps)):
                    while len(running) < ahead and (step := next(steps, None)) is not None:
                        running.append(self.begun(step, replace(allowance, passed=self.passed, stop=stop)))
                    found = self.first_of(running if self.plan.gather else running[:1], allowance)
                    running.remove(found)
                    table = found.result()
                    allowance.progress(done + 1, len(self.plan.steps))
                    yield table
            finally:
                for each in running:
                    each.cancel()
                stop.ask()

    def in_order(self) -> list[Step]:
        """Give the steps from where the sweep is."""
        swept = self.lane.sweep(self.plan.steps[0].place.catalog)
        return sorted(self.plan.steps, key=lambda step: (step.place.start - swept) % CELLS)

    def begun(self, step: Step, allowance: Allowance) -> Future[pa.Table]:
        """Hand a step to the lane."""
        return self.lane.submit(step.place, lambda: self.table_of(step, self.given, allowance))

    def first_of(self, running: list[Future[pa.Table]], allowance: Allowance) -> Future[pa.Table]:
        """Wait for the first of some steps that is done.

        Raises
        ------
        QueryStopped, TookTooLong
            It was stopped meanwhile, or the time limit passed.
        """
        began = time.monotonic()
        while not (done := wait(running, timeout=LOOK, return_when=FIRST_COMPLETED).done):
            allowance.stop.check()
            if self.passed + time.monotonic() - began > allowance.seconds:
                raise allowance.late()
        self.passed += time.monotonic() - began
        return next(each for each in running if each in done)
