"""What a query would do, in words and as rows: EXPLAIN. Nothing is read for it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.filesize import decimal
from sqlglot import exp

from uraniborg_portal.adql.grouping import is_aggregated
from uraniborg_portal.adql.models import BoundQuery, Pairing
from uraniborg_portal.adql.sky import BAND, NEAR, tables_of
from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.covers import links_of
from uraniborg_portal.engine.match import side_name
from uraniborg_portal.engine.motion import angle
from uraniborg_portal.engine.plan import Plan, homes_in
from uraniborg_portal.engine.reading import Reading, Stored

MOST_FILES = 64
"""Files of a reading whose sizes are asked for; those of more are as large as these on average."""
EXPLAINED = (
    Column(name="table", datatype="char", arraysize="*", description="A table that the query names"),
    Column(
        name="answered_by", datatype="char", arraysize="*",
        description="shards: rows are read; description: the catalog's description knows the answer; service: the "
        "service's own tables; upload: a table that came with the query",
    ),
    Column(name="shards", datatype="long", description="HEALPix shards that are read"),
    Column(name="of_shards", datatype="long", description="HEALPix shards that the table has"),
    Column(name="rows", datatype="long", ucd="meta.number", description="Rows expected where the query looks"),
    Column(name="bytes", datatype="long", unit="byte", description="Bytes expected to be read from the shards' files"),
    Column(
        name="fetched", datatype="long", unit="byte",
        description="Bytes expected to be fetched from another host before; NULL where it does not say",
    ),
    Column(name="columns", datatype="char", arraysize="*", description="Columns that are read"),
    Column(
        name="joined", datatype="char", arraysize="*",
        description="How its rows find those of other tables, where positions decide, or identifiers whose rows are "
        "stored beside each other",
    ),
    Column(
        name="lane", datatype="char", arraysize="*",
        description="Of the whole query; metadata: no row is read; interactive: one step; scan: several steps",
    ),
    Column(name="steps", datatype="long", description="Steps of the whole query, each of some shards"),
    Column(
        name="gathered", datatype="char", arraysize="*",
        description="What is made one of those of all steps: groups, sorted rows, distinct rows, rows; nothing where "
        "each step's rows are part of the answer",
    ),
)  # fmt: skip
"""The columns of the answer."""


@dataclass(frozen=True, kw_only=True)
class Explained:
    """What a query does with one of its tables; names are those of `EXPLAINED`."""

    table: str
    answered_by: str
    shards: int = 0
    of_shards: int = 0
    rows: int
    bytes: int | None = 0
    """None where nobody knows."""
    fetched: int | None = 0
    """None where shards come from another host that does not say their sizes."""
    columns: str = ""
    joined: str = ""

    def words(self) -> str:
        """Say what is read of it."""
        if self.answered_by == "description":
            return f"nothing of {self.table}, whose description has the answer"
        if self.answered_by == "service":
            return f"the service's own {self.table}"
        if self.answered_by == "upload":
            return f"{self.rows:,} rows of {self.table}"
        size = "" if self.bytes is None else f" ({decimal(self.bytes)})"
        amount = f"about {self.rows:,} rows{size}"
        return f"{amount} in {self.shards:,} of {self.of_shards:,} shards of {self.table}{self.coming()}"

    def coming(self) -> str:
        """Say what another host sends before, empty where it sends nothing."""
        if self.fetched == 0:
            return ""
        return f", of which {'some' if self.fetched is None else decimal(self.fetched)} come from another host before"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What a query would do."""

    tables: tuple[Explained, ...]
    steps: int
    gathered: str
    """What is made one of those of all steps, empty where each step's rows are part of the answer."""
    notes: tuple[str, ...] = ()
    """What the answer would say besides."""

    @property
    def lane(self) -> str:
        """How it is answered: `metadata`, `interactive` or `scan`."""
        if all(table.answered_by == "description" for table in self.tables):
            return "metadata"
        return "interactive" if self.steps == 1 else "scan"

    def rows(self) -> list[dict[str, object]]:
        """Give a row for each table, with the names of `EXPLAINED`."""
        whole = {"lane": self.lane, "steps": self.steps, "gathered": self.gathered}
        return [asdict(table) | whole for table in self.tables]

    def words(self) -> str:
        """Say it in sentences."""
        said = [f"Reads {'; '.join(table.words() for table in self.tables)}."]
        said += [f"{table.table} is joined {table.joined}." for table in self.tables if table.joined]
        if self.steps > 1:
            order = f"{self.gathered} are put together" if self.gathered else "rows come one after the other"
            said.append(f"Answered in {self.steps:,} steps; their {order}.")
        return " ".join(said)


def explained(bound: BoundQuery, plan: Plan, stored: Callable[[str], Stored], given: Mapping[str, int]) -> Explanation:
    """Give what a bound query would do by its plan; asks the disk for the sizes of some files.

    `stored` finds catalogs; `given` are the tables that came with the query, by their names, and their rows.
    """
    joined = joins_by_id(bound, stored) | joins_of(bound, plan)
    of_catalogs = [of_reading(each, stored(each.catalog), joined.get(each.key, "")) for each in plan.readings]
    others = {scan.table.name: joined.get(scan.key, "") for scan in bound.scans}
    of_others = [
        Explained(
            table=name, answered_by="upload" if name in given else "service", rows=given.get(name, 0),
            joined=others[name],
        )
        for name in plan.described
    ]  # fmt: skip
    return Explanation(
        tables=(*of_catalogs, *of_others),
        steps=len(plan.steps),
        notes=bound.notes,
        gathered=gathered(bound.sql) if plan.gather else "",
    )


def of_reading(reading: Reading, stored: Stored, joined: str) -> Explained:
    """Give what is done with a catalog."""
    return Explained(
        table=reading.catalog, answered_by=reading.answered_by, shards=reading.shards, of_shards=reading.of_shards,
        rows=reading.rows, bytes=expected_bytes(reading, stored), fetched=fetched_bytes(reading, stored),
        columns=" ".join(reading.columns), joined=joined,
    )  # fmt: skip


def expected_bytes(reading: Reading, stored: Stored) -> int | None:
    """Give the bytes of a reading, as if all rows and all columns of the files were of one size; None if unknown."""
    # The HEALPix index, by which the rows of a range are found, is read beside the columns.
    width = (len(reading.columns) + (reading.ranges is not None)) / (len(stored.catalog.columns) + 1)
    origin = stored.collection.origin
    if origin and origin.row_bytes is None:
        return None
    size = reading.of_rows * (origin.row_bytes or 0) if origin else size_of(reading.files)
    return math.ceil(size * width * reading.rows / reading.of_rows) if reading.of_rows else 0


def fetched_bytes(reading: Reading, stored: Stored) -> int | None:
    """Give the bytes of the shards that are not on this machine, as if all their rows were of one size."""
    rows = sum(shard.rows for shard in reading.fetched if not shard.path.exists())
    origin = stored.collection.origin
    if not rows or origin is None:
        return 0
    return None if origin.row_bytes is None else math.ceil(rows * origin.row_bytes)


def size_of(files: Sequence[Path]) -> float:
    """Give the size of some files, bytes; of many as if they were like those that are looked at."""
    looked_at = files[:: math.ceil(len(files) / MOST_FILES)] if files else ()
    return sum(file.stat().st_size for file in looked_at) * len(files) / max(1, len(looked_at))


def gathered(sql: exp.Query) -> str:
    """Say what is made one of the rows of all steps."""
    if sql.args.get("group") or any(is_aggregated(each) for each in sql.expressions):
        return "groups"
    return "distinct rows" if sql.args.get("distinct") else "sorted rows" if sql.args.get("order") else "rows"


def joins_by_id(bound: BoundQuery, stored: Callable[[str], Stored]) -> dict[str, str]:
    """Say for each scan that is joined by identifiers with one whose rows lie where its own do, by its key."""
    names = {scan.key: scan.table.name for scan in bound.scans}
    order, found = list(names), dict[str, str]()
    for link in links_of(bound.scans, homes_in(stored)):
        first, last = sorted((link.scan, link.other), key=order.index)
        if link.degrees is None:
            found.setdefault(last, f"by identifier with {names[first]}: their rows are in the same shards")
    return found


def joins_of(bound: BoundQuery, plan: Plan) -> dict[str, str]:
    """Say for each scan that is joined by position how its rows are found, by its key."""
    names = {scan.key: scan.table.name for scan in bound.scans}
    scans = {table.alias: table.name for table in bound.sql.find_all(exp.Table) if table.name in names}
    order = list(names)
    matched = {frozenset((match.left, match.right)) for step in plan.steps for match in step.statement.matching.matches}
    # Of such a join the two tables are all that there are.
    joined = any(step.statement.joining for step in plan.steps)
    found = {}
    for aliases, pairing in pairings(bound.sql):
        first, *others = sorted((scans[alias] for alias in aliases if alias in scans), key=order.index)
        if others:
            within = f"within {angle(pairing.degrees)}" if pairing else "within an angle"
            before = joined or frozenset((side_name(first), side_name(others[0]))) in matched
            how = "pairs are found before" if before else "by bands of declination"
            found[others[0]] = f"by position with {names[first]} {within}: {how}"
    return found


def pairings(sql: exp.Query) -> Iterator[tuple[set[str], Pairing | None]]:
    """Give the two tables, by the names before their columns, that each condition on positions joins, and how near."""
    for both in sql.find_all(exp.And):
        if isinstance(both.this, exp.GTE) and both.this.meta.get(BAND):
            yield set(tables_of(both.this)), both.meta.get(NEAR)
