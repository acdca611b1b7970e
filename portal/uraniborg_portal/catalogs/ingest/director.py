"""Rows that belong to those of another catalog, its director: each gets the position of the row that it names.

They so lie in the shards of those rows, as child tables of Qserv do, and a join by identifier needs no others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from uraniborg_portal.catalogs import id_index, layout, versions
from uraniborg_portal.catalogs.ingest import base as bases
from uraniborg_portal.catalogs.ingest import fitting
from uraniborg_portal.catalogs.ingest.base import Opened
from uraniborg_portal.catalogs.ingest.executors import Run
from uraniborg_portal.catalogs.ingest.finish import Progress
from uraniborg_portal.catalogs.ingest.work import Work, record
from uraniborg_portal.catalogs.models import TEXTS, Catalog, Director, Position
from uraniborg_portal.catalogs.positions import Guess
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.errors import BadParameter, Conflict

LOOKING = "Sorting identifiers"
READY = "ready.json"
"""The record that says that all is looked up."""
MAIN = ";meta.main"


@dataclass(frozen=True, kw_only=True)
class Task:
    """A shard of the director, whose identifiers and positions are to be sorted."""

    path: Path
    into: Path
    identifier: str
    position: tuple[str, str]
    """Its columns of right ascension and declination."""


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Rows with the positions of those that they name."""

    table: pa.Table
    """All rows; the two last columns are the position, NaN where there is none."""
    reasons: dict[int, str]
    """Why rows have none, by number from 0."""


def opened(folder: Path, name: str) -> Opened:
    """Open the current version of a catalog as a director.

    Raises
    ------
    NotFound
        There is no such catalog.
    Conflict
        Its rows can't be told by an identifier.
    """
    known = CatalogRegistry(folder).known(name)
    found = bases.opened(folder, known, versions.current(folder, known) or 0)
    catalog = found.catalog
    if not catalog.identifier:
        what, remedy = "has no column whose value names a row", "Add its files anew with --identifier."
    elif not catalog.stamp:
        what, remedy = "does not say where its identifiers are", "Add its files anew with --replace."
    elif not catalog.unique:
        what = f"has rows that {catalog.identifier!r} does not tell apart, or it is neither whole number nor text"
        remedy = "Add its files anew with --identifier."
    else:
        return found
    raise Conflict(f"The catalog {known!r} {what}: no rows can belong to its own.", remedy, field="of")


def chosen(director: Opened, column: str | None, names: list[str]) -> Director:
    """Give how the rows of files with columns of these names belong to those of a director.

    Raises
    ------
    BadParameter
        The column is not there, or one has the name of a column that rows get.
    """
    catalog = director.catalog
    wanted = column or str(catalog.identifier)
    found = [name for name in names if name == wanted] or [name for name in names if name.lower() == wanted.lower()]
    if not found:
        raise BadParameter(
            f"No column is called {wanted!r}; the columns are: {', '.join(names)[:500]}.",
            f"Name the column that has values of {catalog.name}.{catalog.identifier} with --id.",
            field="id",
        )
    made = Director(
        catalog=catalog.name, identifier=str(catalog.identifier), column=found[0], version=int(catalog.version),
        stamp=catalog.stamp,
    )  # fmt: skip
    lower = {name.lower(): name for name in names}
    taken = next((name for name in columns_of(catalog) if name.lower() in lower), None)
    if taken:
        raise BadParameter(
            f"A column is named {lower[taken.lower()]!r}: rows get the position of {catalog.name} under this name.",
            "Rename it in the file, or leave it out.",
        )
    return made


def followed(director: Opened, of: Director, name: str) -> Director:
    """Give how rows belong that are appended to the catalog `name`, whose rows belong to a director already.

    Raises
    ------
    Conflict
        The director's rows are no longer where they were.
    """
    catalog = director.catalog
    if not is_followed(of, catalog):
        raise Conflict(
            f"The rows of {name!r} belong to version v{of.version} of {of.catalog!r}; version v{catalog.version} has "
            "other rows.",
            f"Add all files of {name!r} anew with --replace.",
        )
    return replace(of, version=int(catalog.version), stamp=catalog.stamp)


def is_followed(of: Director, now: Catalog) -> bool:
    """Tell whether the rows of a director are where they were when rows of another catalog got their positions."""
    return bool(now.homes(of.identifier) & {of.stamp})


def columns_of(director: Catalog) -> tuple[str, str]:
    """Give the columns of right ascension and declination that rows get."""
    return f"{director.name}_{director.position.ra}", f"{director.name}_{director.position.dec}"


def kind_of(director: Opened) -> str:
    """Give the Arrow type that the column has by which rows belong to a director."""
    return "string" if director.catalog.column(str(director.catalog.identifier)).datatype in TEXTS else "int64"


def guess_of(of: Director, position: Position) -> Guess:
    """Give where the positions of rows are, which are in these columns."""
    return Guess(ra=position.ra, dec=position.dec, ra_unit="deg", dec_unit="deg", why=f"in {of.catalog} by {of.column}")


def position_of(director: Catalog) -> Position:
    """Give what is said of the positions that rows get."""
    ra, dec = columns_of(director)
    return Position(ra=ra, dec=dec, epoch=director.position.epoch)


def with_positions(notes: Mapping[str, Note], director: Catalog) -> dict[str, Note]:
    """Give what is said of columns, and of the position that rows get: of all it is the main one."""
    said = {name: _not_main(note) for name, note in notes.items()}
    words = ("Right ascension", "pos.eq.ra;meta.main"), ("Declination", "pos.eq.dec;meta.main")
    for name, (what, ucd) in zip(columns_of(director), words, strict=True):
        said[name] = Note(unit="deg", ucd=ucd, description=f"{what} of its row of {director.name}")
    return said


def prepare(of: Director, work: Work, run: Run, progress: Progress) -> None:
    """Sort the identifiers of a director, each with its position, for `placed`; nothing where that is done."""
    if (work.director / READY).exists():
        return
    director = bases.opened(work.root.parent, of.catalog, of.version)
    place = director.catalog.position.ra, director.catalog.position.dec
    work.director.mkdir(exist_ok=True)
    tasks = [
        Task(path=path, into=work.director / f"{number:06}.ids.arrow", identifier=of.identifier, position=place)
        for number, path in enumerate(path for shard in director.shards for path in shard.files)
    ]
    for number, _ in enumerate(run(do, tasks), 1):
        progress(LOOKING, number / len(tasks) / 2)
    parts = id_index.tasks(tuple(task.into for task in tasks), work.director / layout.IDENTIFIERS)
    for number, _ in enumerate(run(id_index.do, parts), 1):
        progress(LOOKING, 0.5 + number / len(parts) / 2)
    for task in tasks:
        task.into.unlink()
    record(work.director / READY, {})


def do(task: Task) -> int:
    """Sort the identifiers of one shard, each with its position, and give its rows."""
    rows = pq.ParquetFile(task.path).read([task.identifier, *task.position])
    ra, dec = (rows[name].cast(pa.float64()) for name in task.position)
    id_index.save_run(pa.table({"id": rows[task.identifier], "ra": ra, "dec": dec}), task.into)
    return int(rows.num_rows)


def placed(table: pa.Table, of: Director, kind: str, position: tuple[str, str], work: Work) -> Placed:
    """Give rows with the positions of those that they name, which `prepare` sorted.

    Parameters
    ----------
    table, of
        The rows, and how they belong.
    kind
        The Arrow type that `of.column` gets.
    position
        The names that right ascension and declination get; columns of these names are replaced.
    work
        Of the ingest.

    Raises
    ------
    BadParameter
        The column has values of another kind.
    """
    named = fitting.in_type(table[of.column], of.column, kind)
    encoded = named.combine_chunks().dictionary_encode()
    # The last one is that of rows without an identifier.
    found = np.full((2, len(encoded.dictionary) + 1), np.nan)
    for numbers, rows in id_index.rows_of(work.director, encoded.dictionary):
        found[:, numbers] = [rows[name].to_numpy() for name in ("ra", "dec")]
    places = found[:, pc.fill_null(encoded.indices, len(encoded.dictionary)).to_numpy()]
    absent = np.flatnonzero(np.isnan(places[0]))
    reasons = {int(number): _absent(of, named[int(number)].as_py()) for number in absent}
    kept = table.set_column(table.column_names.index(of.column), of.column, named)
    kept = kept.drop_columns([name for name in position if name in kept.column_names])
    for name, values in zip(position, places, strict=True):
        kept = kept.append_column(name, pa.array(values))
    return Placed(table=kept, reasons=reasons)


def _absent(of: Director, value: object) -> str:
    if value is None:
        return f"{of.column!r} is empty: it names no row of {of.catalog}"
    return f"{of.column!r} is {value!r}: {of.catalog} has no row of this {of.identifier}"


def _not_main(note: Note) -> Note:
    ucd = note.ucd or ""
    return replace(note, ucd=ucd.removesuffix(MAIN)) if ucd.startswith("pos.eq.") and ucd.endswith(MAIN) else note
