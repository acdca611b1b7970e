"""Steps of long queries, asked of the cluster's workers by threads of the scan lane."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError

import pyarrow as pa

from uraniborg_portal.cluster.connection import TaskEnded
from uraniborg_portal.cluster.standing import StandingCluster
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.arrow import written_table
from uraniborg_portal.engine.plan import Step
from uraniborg_portal.engine.process import Order
from uraniborg_portal.errors import QueryStopped, Unavailable
from uraniborg_portal.scans import on_worker
from uraniborg_portal.scans.messages import read_answer, written_order


class ClusterSteps:
    """Answers steps by workers of the cluster; safe to share between threads."""

    def __init__(self, cluster: StandingCluster, order: Callable[[], Order]) -> None:
        """Take the cluster, and what gives the order of a worker that answers steps now."""
        self.cluster = cluster
        self.order = order

    def table(self, step: Step, tables: Mapping[str, pa.Table], allowance: Allowance) -> pa.Table:
        """Give the rows of a step.

        Raises
        ------
        PortalError
            As a worker of this machine has it; Unavailable where there is no cluster, or the step took two workers
            along.
        """
        loop = self.cluster.loop
        if loop is None:
            raise Unavailable("The portal's workers are asked by a portal that answers requests only.")
        text = written_order(step, self.order(), allowance)
        given = {name: written_table(table).to_pybytes() for name, table in tables.items()}
        seconds = allowance.seconds - allowance.passed
        allowance.stop.check()
        asking = asyncio.run_coroutine_threadsafe(self.asked(text, given, seconds), loop)

        def end() -> None:
            asking.cancel()

        try:
            with allowance.stop.ended_by(end):
                return read_answer(asking.result())
        except CancelledError as error:
            raise QueryStopped("The query was stopped.", "Run it again.") from error
        finally:
            # It may have been stopped a moment before somebody could end it.
            asking.cancel()

    async def asked(self, order: str, tables: Mapping[str, bytes], seconds: float) -> bytes:
        """Give a worker's answer; wait so long for a cluster."""
        connection = await self.cluster.connected(seconds)
        try:
            return await connection.ask(on_worker.run, f"step-{secrets.token_hex(8)}", order, tables)
        except TaskEnded as ended:
            raise Unavailable(str(ended), "Run it again.") from ended
