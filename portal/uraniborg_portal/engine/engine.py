"""Answers ADQL: text to plan to rows."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cache
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from uraniborg_portal.adql.bind import PlacesOf, bind, nowhere
from uraniborg_portal.adql.cover import Anchor
from uraniborg_portal.adql.models import BoundQuery, Table
from uraniborg_portal.catalogs.readable import Catalogs
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.shard_cache import ShardCache
from uraniborg_portal.engine import kept, tap_schema
from uraniborg_portal.engine.allowance import Allowance
from uraniborg_portal.engine.answer import Answer
from uraniborg_portal.engine.arrow import schema, typed
from uraniborg_portal.engine.at_hand import with_shards
from uraniborg_portal.engine.confined import ConfinedWorkers
from uraniborg_portal.engine.explain import Explanation, explained
from uraniborg_portal.engine.frames import Bytes
from uraniborg_portal.engine.kept import KeptTables, NoTables
from uraniborg_portal.engine.lane import ScanLane
from uraniborg_portal.engine.models import Cone, QueryResult, ServiceTable
from uraniborg_portal.engine.motion import epoch_of, motion_notes, moves_stars
from uraniborg_portal.engine.plan import Plan, Surroundings, make_plan
from uraniborg_portal.engine.positions import Positions, positions_in
from uraniborg_portal.engine.reach import Reach
from uraniborg_portal.engine.reading import Stored
from uraniborg_portal.engine.scans import Scan
from uraniborg_portal.engine.steps import answered
from uraniborg_portal.engine.stream import QueryStream
from uraniborg_portal.engine.upload import Upload, upload_of
from uraniborg_portal.errors import QueryRefused
from uraniborg_portal.settings import QueryLimits


class Engine:
    """Answers ADQL over the installed catalogs and TAP_SCHEMA; safe to share between threads."""

    def __init__(
        self,
        catalogs: CatalogRegistry,
        limits: QueryLimits,
        spill: Path,
        places_of: PlacesOf = nowhere,
        reach: Reach | None = None,
    ) -> None:
        """Take what it reads, within which limits, and what it reaches besides."""
        reach = reach or Reach()
        self.catalogs: Catalogs = catalogs
        self.kept: KeptTables = NoTables()
        self.made: tuple[ServiceTable, ...] = ()
        """Tables that the service makes, besides TAP_SCHEMA."""
        self._places_of = places_of
        self.limits = limits
        self.spill = spill
        """Where queries write what memory can't hold."""
        self._workers = ConfinedWorkers(catalogs, limits, spill, reach.kept_in)
        self._scanners = ConfinedWorkers(catalogs, limits, spill, reach.kept_in, scans=True)
        self._lane = ScanLane(limits.scan_processes)
        self._step_table = reach.step_table
        # A machine whose scans run elsewhere is not made for many of its own.
        self._lane_here = ScanLane(1) if self._step_table else self._lane
        self._cache = ShardCache(catalogs.kept, reach.remote)

    def reading(self, catalogs: Catalogs, users: KeptTables | None = None, *made: ServiceTable) -> Engine:
        """Give this engine, with its workers, over what a caller may read.

        That is catalogs of its own, tables of users, whose files are in the folder that it was made with, and tables
        that the service makes.
        """
        other = copy.copy(self)
        other.catalogs, other.kept, other.made = catalogs, users or NoTables(), made
        return other

    def start(self) -> None:
        """Have a worker ready for the first query; the engine of a process that answers many."""
        self._workers.start()

    def tables(self) -> dict[str, Table]:
        """Give every table that a query may name, by its name in lower case."""
        found = [Table(name=c.name, columns=c.columns, position=c.position) for c in self.catalogs.all()]
        users = (table.table for table in self.kept.all())
        made = (each.table for each in self.made)
        return {table.name.lower(): table for table in (*users, *found, *made, *tap_schema.tables())}

    def check(self, adql: str, uploads: Sequence[Upload] = ()) -> BoundQuery:
        """Give the query with all names known, without running it; `uploads` are tables that came with it.

        Raises
        ------
        QueryRefused
            The text is not ADQL 2.1, or names what is not there; line and column say where.
        """
        self.check_length(adql)
        given = {upload.table.name.lower(): upload.table for upload in uploads}
        return bind(adql, self.tables() | given, self._places_of)

    def read_upload(self, name: str, content: bytes, allowance: Allowance | None = None) -> Upload:
        """Give the table of a file of any known format, read by a process of its own.

        Raises
        ------
        BadParameter, QueryStopped, TookTooLong, TooLarge, Unavailable
            The file can't be read, or a limit was met.
        """
        return upload_of(name, *self._workers.ready().read(content, allowance))

    def reading_file(
        self, content: Bytes, types: Mapping[str, str], allowance: Allowance | None = None
    ) -> AbstractContextManager[Answer]:
        """Give the rows of a file as they come, read by a process of its own; nothing of them is believed.

        `types` are Arrow types of columns by their names in lower case, by which the texts of a CSV file are read.

        Raises
        ------
        BadParameter, QueryStopped, TookTooLong, TooLarge, Unavailable
            As `read_upload` has it, when it is entered or rows are taken.
        """
        return self._workers.ready().file(content, types, allowance)

    def check_length(self, adql: str) -> None:
        """Refuse a text that is longer than any query may be."""
        if len(adql) > self.limits.query_characters:
            raise QueryRefused(
                f"The query has {len(adql):,} characters; at most {self.limits.query_characters:,} are read."
            )

    def plan(self, adql: str, maxrec: int, uploads: Sequence[Upload] = ()) -> Plan:
        """Give what would be read to answer a query: files, shards, ranges, SQL.

        Raises
        ------
        QueryRefused
            The text is not ADQL 2.1, names what is not there, or is more than the engine can take.
        """
        return self._planned(self.check(adql, uploads), maxrec, uploads)

    def stream(
        self, adql: str, maxrec: int, allowance: Allowance | None = None, uploads: Sequence[Upload] = ()
    ) -> QueryStream:
        """Give at most `maxrec` rows of a query as they come; with 0 only its columns. Who has them closes them.

        The first rows are there when it returns, and with them whatever goes wrong before rows. `uploads` are tables
        that came with the query. One without an allowance is interactive: it waits for a place among those.

        Raises
        ------
        QueryRefused, QueryStopped, TookTooLong, TooLarge, Unavailable
            The query is none, or a limit was met; what comes later is raised where rows are taken.
        """
        bound = self.check(adql, uploads)
        plan = self._planned(bound, maxrec, uploads)
        notes = (*bound.notes, *(note for upload in uploads for note in left_out_note(upload)))
        names = {reading.catalog for reading in plan.readings} - self._kept_names()
        catalogs = {name.lower(): self.catalogs.get(name) for name in names}
        epoch = epoch_of(bound, catalogs)
        notes = notes if moves_stars(adql) else (*notes, *motion_notes(bound, catalogs))
        with ExitStack() as held:
            answer = held.enter_context(self.answer(plan, allowance, uploads))
            wanted = schema(plan.columns)
            source = begun(typed(batch, wanted) for batch in answer)
            return QueryStream(
                columns=plan.columns, adql=adql, epoch=epoch, notes=notes, cone=cone_of(bound), source=source,
                most=maxrec, spill=self.spill, end=held.pop_all().close,
            )  # fmt: skip

    def run(
        self, adql: str, maxrec: int, allowance: Allowance | None = None, uploads: Sequence[Upload] = ()
    ) -> QueryResult:
        """Give the rows that `stream` gives, all of them in memory.

        Raises
        ------
        QueryRefused, QueryStopped, TookTooLong, TooLarge, Unavailable
            The query is none, or a limit was met.
        """
        with self.stream(adql, maxrec, allowance, uploads) as rows:
            table = rows.table()
        return QueryResult(
            table=table, columns=rows.columns, overflow=rows.overflow, adql=adql, epoch=rows.epoch, notes=rows.notes,
            cone=rows.cone,
        )  # fmt: skip

    def answer(
        self, plan: Plan, allowance: Allowance | None = None, uploads: Sequence[Upload] = ()
    ) -> AbstractContextManager[Iterator[pa.RecordBatch]]:
        """Give the rows of a plan as they come and as the engine has them, one more than may be given if there are.

        Raises
        ------
        QueryRefused, QueryStopped, TookTooLong, TooLarge, Unavailable
            When it is entered, or rows are taken: a value can't be computed, or a limit was met.
        """
        views = {upload.table.name: upload.rows for upload in uploads}
        for each in self.made:
            if each.table.name in plan.described:
                views[each.table.name] = each.rows([test for test in plan.tests if test.table == each.table.name])
        if set(plan.described) - views.keys():
            own = tap_schema.rows(self.catalogs.all(), self.kept.all(), [each.table for each in self.made])
            views |= {tap_schema.name_of(name): rows for name, rows in own.items()}
        tables = {name: views[name] for name in plan.described}
        return answered(self._workers.ready(), self._scan, plan, tables, self._cache, allowance)

    def explain(self, adql: str, maxrec: int, uploads: Sequence[Upload] = ()) -> Explanation:
        """Give what would be done to answer a query, and do none of it.

        Raises
        ------
        QueryRefused
            The query is none.
        """
        bound = self.check(adql, uploads)
        plan = self._planned(bound, maxrec, uploads)
        return explained(bound, plan, self._stored, {each.table.name: each.rows.num_rows for each in uploads})

    def close(self) -> None:
        """Give back what the engine holds; it can't be used after."""
        self._workers.close()
        self._scanners.close()
        self._cache.close()

    def _scan(self, plan: Plan, tables: Mapping[str, pa.Table]) -> Scan:
        # Users' tables, and shards that were fetched, are on this machine only.
        of_users = self._kept_names() & {reading.catalog for reading in plan.readings}
        if self._step_table and not of_users and not any(step.fetched for step in plan.steps):
            return Scan(self._lane, self._step_table, plan, tables)
        return Scan(self._lane_here, with_shards(self._cache, self._scanners.ready().step), plan, tables)

    def _kept_names(self) -> set[str]:
        return {table.name for table in self.kept.all()}

    def _planned(self, bound: BoundQuery, maxrec: int, uploads: Sequence[Upload]) -> Plan:
        given = {upload.table.name: upload for upload in uploads}

        @cache
        def positions_of(table: str, anchor: Anchor) -> Positions | None:
            upload, columns = given.get(table), (anchor.longitude, anchor.latitude)
            return positions_in(upload.rows, *columns) if upload else kept.positions(self.kept, table, *columns)

        # Once for each table: all of a plan is of one version, whatever is published meanwhile.
        around = Surroundings(stored=cache(self._stored), positions_of=positions_of, values=self.limits.step_values)
        try:
            return make_plan(bound, maxrec, around)
        except RecursionError as error:
            raise QueryRefused("The query has too many terms in a row.", "Write long lists with IN (...).") from error

    def _stored(self, name: str) -> Stored:
        if "." in name:
            return kept.stored(self.kept, name)
        while True:
            catalog = self.catalogs.get(name)
            found = Stored(
                catalog=catalog,
                collection=self.catalogs.collection(name),
                shards=self.catalogs.shards(name),
                pruning=self.catalogs.pruning(name),
            )
            # Where another version was published between these calls, they are not all of one.
            if self.catalogs.get(name).version == catalog.version:
                return found


def begun(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the same batches, the first of which has been waited for."""
    first = list(islice(batches, 1))
    return chain(first, batches)


def left_out_note(upload: Upload) -> list[str]:
    """Give the sentence on columns of a file that are no part of its table, none where all are."""
    if not upload.left_out:
        return []
    names = ", ".join(upload.left_out[:10])
    return [f"{upload.table.name} is without what no query can read (arrays, structures, bytes): {names}."]


def cone_of(bound: BoundQuery) -> Cone | None:
    """Give the cone that a query asks for, if it asks for one only."""
    asked = {cone for scan in bound.scans if scan.cover for cone in scan.cover.cones}
    if len(asked) != 1:
        return None
    ra, dec, radius = asked.pop()
    return Cone(ra=ra, dec=dec, radius=radius)
