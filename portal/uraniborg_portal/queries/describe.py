"""What a result is: its position columns and the epoch of moved stars; pure."""

from __future__ import annotations

from dataclasses import replace

from uraniborg_portal.catalogs.models import Column
from uraniborg_portal.engine.models import QueryResult
from uraniborg_portal.engine.stream import QueryStream
from uraniborg_portal.queries.models import Description, ResultPosition
from uraniborg_portal.queries.motion import epoch_of

UCDS = {"ra": "pos.eq.ra", "dec": "pos.eq.dec"}


def description(result: QueryResult | QueryStream, requested: int, seconds: float) -> Description:
    """Describe a result whose rows have ended; columns that a form moved to another epoch say so."""
    columns = tuple(described_if_moved(column) for column in result.columns)
    position = position_of(columns)
    moved = epoch_of(position.ra) if position else None
    return Description(
        rows=result.rows or 0,
        requested=requested,
        overflow=result.overflow,
        columns=columns,
        position=position,
        epoch=moved if moved is not None else result.epoch,
        notes=result.notes,
        seconds=round(seconds, 4),
        cone=result.cone,
    )


def described_if_moved(column: Column) -> Column:
    """Give a column that a form moved its unit, UCD and meaning."""
    epoch = epoch_of(column.name)
    if epoch is None or column.ucd or column.datatype != "double":
        return column
    ucd = UCDS[column.name.partition("_")[0]]
    words = f"ICRS, moved to J{epoch:g} by the proper motions"
    return replace(column, unit="deg", ucd=f"{ucd};meta.main", description=words)


def position_of(columns: tuple[Column, ...]) -> ResultPosition | None:
    """Give the columns of the main position by their UCDs (UCD1+), None where there is no pair."""
    ra, dec = column_of(columns, UCDS["ra"]), column_of(columns, UCDS["dec"])
    return ResultPosition(ra=ra, dec=dec) if ra and dec else None


def column_of(columns: tuple[Column, ...], ucd: str) -> str | None:
    """Give the column with a UCD: the main one where several have it."""
    have = [column for column in columns if column.ucd and column.ucd.split(";")[0] == ucd]
    main = [column for column in have if "meta.main" in (column.ucd or "")]
    return next((column.name for column in (*main, *have)), None)
