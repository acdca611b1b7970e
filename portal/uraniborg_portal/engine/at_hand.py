"""Shards of other hosts are brought here before the step that reads them, and within the time of the query."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace

import pyarrow as pa

from uraniborg_portal.catalogs.models import Shard
from uraniborg_portal.catalogs.shard_cache import ShardCache
from uraniborg_portal.engine.allowance import Allowance, Progress, unwatched
from uraniborg_portal.engine.plan import Step
from uraniborg_portal.engine.scans import StepTable
from uraniborg_portal.errors import TookTooLong
from uraniborg_portal.outside.hosts import host_of


@contextmanager
def at_hand(
    cache: ShardCache, shards: Sequence[Shard], allowance: Allowance, told: Progress = unwatched
) -> Iterator[Allowance]:
    """Keep shards here while the block runs, and give what is left of the allowance when all of them are here.

    `told` hears how many of how many are. Whoever is stopped waits no longer; a shard for which nobody waits is given
    up.

    Raises
    ------
    QueryStopped, TookTooLong
        They were not all here before.
    TooLarge, Unavailable
        As `Fetch.wait` has it.
    """
    if not shards:
        yield allowance
        return
    began, came = time.monotonic(), list[int]()

    def more(count: int) -> None:
        came.append(count)
        told(sum(came), len(shards))

    with closing(cache.fetch(shards)) as fetch:
        with allowance.stop.ended_by(fetch.stop):
            here = fetch.wait(allowance.seconds - allowance.passed, more)
        allowance.stop.check()
        if not here:
            hosts = ", ".join(sorted({host_of(str(shard.url)) for shard in shards}))
            message = (
                f"The query was stopped after {allowance.seconds:g} s: shards from {hosts} were still on their way."
            )
            raise TookTooLong(message, allowance.remedy)
        yield replace(allowance, passed=allowance.passed + time.monotonic() - began)


def with_shards(cache: ShardCache, table_of: StepTable) -> StepTable:
    """Give what answers a step once the shards that it reads are here, and keeps them until it ended."""

    def table(step: Step, tables: Mapping[str, pa.Table], allowance: Allowance) -> pa.Table:
        with at_hand(cache, step.fetched, allowance) as left:
            return table_of(step, tables, left)

    return table
