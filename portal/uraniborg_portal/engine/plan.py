"""What is read to answer a query, in one step or in several: the SQL of each, and how their rows become one. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from uraniborg_portal.adql.cover import common, of_ranges
from uraniborg_portal.adql.models import BoundQuery, RegionTest
from uraniborg_portal.adql.sky import BAND, tables_of
from uraniborg_portal.catalogs.models import Column, Shard
from uraniborg_portal.catalogs.shards import Integers, Ranges, Shards
from uraniborg_portal.engine.covers import (
    Covers,
    HomesOf,
    Link,
    PositionsOf,
    known_covers,
    linked_with,
    links_of,
    nowhere,
    spread_covers,
)
from uraniborg_portal.engine.fetch import numbered, sources_of
from uraniborg_portal.engine.join import plain_join
from uraniborg_portal.engine.known import known_answer
from uraniborg_portal.engine.match import Matcher
from uraniborg_portal.engine.named import with_named
from uraniborg_portal.engine.reading import Reading, Stored, read
from uraniborg_portal.engine.scatter import Scattered, scattered
from uraniborg_portal.engine.statement import Statement
from uraniborg_portal.engine.text import text_of

VALUES, VALUES_OF_A_JOIN = 50_000_000, 15_000_000
"""Values (rows times columns) that one step reads, about, of one table or of several that are joined."""
MOST_STEPS = 1_000
GIVEN_ROWS = 10_000
"""Rows that a table is held to have which came with the query, or is the service's own."""
SMALL = 100_000
"""Rows of a joined table that may be read anew in every step."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where on the sky a step reads."""

    catalog: str
    """The catalog by whose shards the query is cut."""
    start: int
    """The first index of the HEALPix curve that is read."""


EVERYWHERE = Place(catalog="", start=0)
"""The place of a step that is all of a query."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A part of a query: one interval of the HEALPix curve, or all of it."""

    statement: Statement
    place: Place = EVERYWHERE
    fetched: tuple[Shard, ...] = ()
    """Shards that it reads of catalogs on other hosts: they have to be here before."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that the engine needs to answer a query."""

    steps: tuple[Step, ...]
    """What is asked, part by part; at least one."""
    gather: str | None
    """What is asked of the rows of all steps together; None where they are the answer, one step after the other."""
    columns: tuple[Column, ...]
    readings: tuple[Reading, ...]
    described: tuple[str, ...]
    """Tables of TAP_SCHEMA that are read, by the names that the SQL has for them."""
    rows: int
    """Rows that are fetched at most: what TOP asks for, or one more than may be given, so that more is noticed."""
    tests: tuple[RegionTest, ...] = ()
    """What is asked of the regions of rows that are made."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a plan is made from besides the query."""

    stored: Callable[[str], Stored]
    """Finds a catalog by its name."""
    positions_of: PositionsOf = nowhere
    """Finds the positions of tables that came with the query."""
    values: int | None = None
    """Values that a step reads; None for what is usual."""


def make_plan(bound: BoundQuery, maxrec: int, around: Surroundings) -> Plan:
    """Give the plan of a bound query of which at most `maxrec` rows are given."""
    rows = maxrec + 1 if maxrec else 0
    most = rows if bound.top is None else min(bound.top, rows)
    known = known_plan(bound, most, around.stored)
    if known is not None:
        return known
    links = links_of(bound.scans, homes_in(around.stored))
    known_regions = with_named(bound.scans, known_covers(bound.scans, around.positions_of), links, around.stored)
    regions = spread_covers(known_regions, links)
    readings = readings_of(bound, around.stored, regions)
    described = tuple(sorted({scan.table.name for scan in bound.scans if scan.table.in_memory}))
    asked = limited(bound.sql, most)
    cut = cut_of(bound, asked, readings, links, around)
    steps = steps_of(bound, cut, regions, around) if cut else (whole_step(bound, asked, readings, around),)
    gather = cut.scattered.gather if cut else None
    return Plan(
        steps=steps, gather=text_of(gather) if gather else None, columns=bound.columns,
        readings=tuple(readings.values()), described=described, rows=most,
        tests=tuple(test for scan in bound.scans for test in scan.tests),
    )  # fmt: skip


def homes_in(stored: Callable[[str], Stored]) -> HomesOf:
    """Give what finds the homes of columns in catalogs; tables in memory have none."""
    return lambda table, column: frozenset() if table.in_memory else stored(table.name).catalog.homes(column)


def readings_of(bound: BoundQuery, stored: Callable[[str], Stored], regions: Covers) -> dict[str, Reading]:
    """Give what is read of each catalog where its rows matter."""
    scans = [scan for scan in bound.scans if not scan.table.in_memory]
    return {scan.key: read(scan, stored(scan.table.name), regions[scan.key]) for scan in scans}


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How a query is cut into steps."""

    scattered: Scattered
    links: tuple[Link, ...]
    """How the scans are joined, so that less is read of those that the driver's rows lead to."""
    driver: str
    """The scan by whose shards it is cut."""
    intervals: Ranges
    """Half-open intervals of the HEALPix index, one for each step."""


def cut_of(
    bound: BoundQuery, asked: exp.Query, readings: Mapping[str, Reading], links: tuple[Link, ...], around: Surroundings
) -> Cut | None:
    """Give how a query is cut, None where it is small, or can't be."""
    values = sum(each.rows * max(1, len(each.columns)) for each in readings.values())
    usual = VALUES if len(bound.scans) == 1 else VALUES_OF_A_JOIN
    steps = min(MOST_STEPS, math.ceil(values / (around.values or usual)))
    taken = scattered(asked) if steps > 1 else None
    read_by = [readings[key] for key in taken.drivers if key in readings] if taken else []
    drivers = [reading for reading in read_by if around.stored(reading.catalog).shards.are_cells]
    if taken is None or not drivers:
        return None
    driver = max(drivers, key=lambda reading: reading.rows)
    narrowed = linked_with(driver.key, links)
    if any(key not in narrowed and read.rows > SMALL for key, read in readings.items()):
        return None
    intervals = intervals_of(around.stored(driver.catalog).shards, driver.chosen, steps)
    made = Cut(scattered=taken, links=links, driver=driver.key, intervals=intervals)
    return made if len(intervals) > 1 else None


def intervals_of(shards: Shards, chosen: Integers, steps: int) -> tuple[tuple[int, int], ...]:
    """Cut some shards into at most `steps` intervals of the HEALPix index with about as many rows in each."""
    until = shards.rows[chosen].cumsum()
    total = int(until[-1]) if len(chosen) else 0
    # A shard belongs to the step in which its last row is; where it is larger than a step, some steps are empty.
    step = (until * steps - 1) // max(1, total)
    first = [place for place in range(len(chosen)) if place == 0 or step[place] != step[place - 1]]
    last = [*(place - 1 for place in first[1:]), len(chosen) - 1]
    return tuple((int(shards.starts[chosen[a]]), int(shards.ends[chosen[b]])) for a, b in zip(first, last, strict=True))


def steps_of(bound: BoundQuery, cut: Cut, regions: Covers, around: Surroundings) -> tuple[Step, ...]:
    """Give what is asked of each interval; of tables that are joined by place only what is near it is read."""
    made = []
    join = plain_join(cut.scattered.part, bound.scans)
    for interval in cut.intervals:
        part = common(regions[cut.driver], of_ranges((interval,)))
        parts = readings_of(bound, around.stored, spread_covers({**regions, cut.driver: part}, cut.links))
        statement = join.statement(around.stored, parts, cut.driver) if join else None
        step = step_of(statement or statement_for(bound, cut.scattered.part, parts, around), parts)
        made.append(replace(step, place=Place(catalog=parts[cut.driver].catalog, start=interval[0])))
    return tuple(made)


def whole_step(bound: BoundQuery, asked: exp.Query, readings: Mapping[str, Reading], around: Surroundings) -> Step:
    """Give the only step of a query."""
    join = plain_join(asked, bound.scans)
    statement = join.statement(around.stored, readings, None) if join else None
    return step_of(statement or statement_for(bound, asked, readings, around), readings)


def step_of(statement: Statement, readings: Mapping[str, Reading]) -> Step:
    """Give a step, with the shards that it needs of other hosts."""
    # Two readings of one catalog may need the same ones.
    fetched = dict.fromkeys(shard for each in readings.values() for shard in each.fetched)
    return Step(statement=statement, fetched=tuple(fetched))


def statement_for(
    bound: BoundQuery, asked: exp.Query, readings: Mapping[str, Reading], around: Surroundings
) -> Statement:
    """Give what a step is asked, with what reads each table."""
    by_number = numbered(asked, bound.scans[0], around.stored, readings) if len(bound.scans) == 1 else None
    if by_number is not None:
        return by_number
    sources = sources_of(bound.scans, around.stored, readings)
    if is_of_one_table(asked, sources.selects):
        return Statement(sql=text_of(asked, sources.selects), fetching=sources.fetching)
    rows = {scan.key: readings[scan.key].rows if scan.key in readings else GIVEN_ROWS for scan in bound.scans}
    sql = asked.copy()
    matching = Matcher(sql, sources.selects, rows).matching()
    join_by_bands(sql)
    return Statement(sql=text_of(sql, sources.selects), matching=matching, fetching=sources.fetching)


def is_of_one_table(sql: exp.Query, sources: Mapping[str, exp.Select]) -> bool:
    """Say whether a query has one table and reads it once: there is nothing to join."""
    table = sql.args["from_"].this if isinstance(sql, exp.Select) else None
    return len(sources) == 1 and isinstance(table, exp.Table) and table.name in sources


def known_plan(bound: BoundQuery, most: int, stored: Callable[[str], Stored]) -> Plan | None:
    """Give the plan of a query that the description of its only table answers, None for all others."""
    scans = [scan for scan in bound.scans if scan.cover is None and not scan.table.in_memory]
    if len(bound.scans) != 1 or not scans:
        return None
    where = stored(scans[0].table.name)
    answer = known_answer(bound, where.catalog)
    if answer is None:
        return None
    reading = Reading(
        key=scans[0].key, catalog=where.catalog.name, files=(), ranges=None, shards=0, of_shards=len(where.shards),
        columns=(), rows=0, of_rows=0, answered_by="description",
    )  # fmt: skip
    step = Step(statement=Statement(sql=text_of(limited(answer, most))))
    return Plan(steps=(step,), gather=None, columns=bound.columns, readings=(reading,), described=(), rows=most)


def join_by_bands(whole: exp.Query) -> None:
    """Leave the engine no other comparisons to join by than bands of latitude, where there are some.

    DuckDB 2.0.0 joins by the first two comparisons of one table with another, in an order of its own: by `a.id < b.id`
    it makes nearly every pair. It does not look into COALESCE(x, NULL), which is x.
    """
    comparisons = list(whole.find_all(exp.LT, exp.GT, exp.LTE, exp.GTE, exp.Between))
    if not any(node.meta.get(BAND) for node in comparisons):
        return
    for node in comparisons:
        if not node.meta.get(BAND) and is_of_two_tables(node):
            node.replace(exp.Coalesce(this=node.copy(), expressions=[exp.Null()]))


def is_of_two_tables(node: exp.Expr) -> bool:
    """Say whether one table's values are compared with another's."""
    first, *others = (set(tables_of(part)) for part in node.iter_expressions())
    return bool(first) and any(others) and not first & set().union(*others)


def limited(sql: exp.Query, rows: int) -> exp.Query:
    """Give the query with a limit on its rows; the two share all else."""
    return type(sql)(**{**sql.args, "limit": exp.Limit(expression=exp.Literal.number(rows))})
