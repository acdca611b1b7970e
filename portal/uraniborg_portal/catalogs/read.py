"""Files to one table: the reader is found by the file's first bytes and its name."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes
from uraniborg_portal.catalogs.readers import csv, fits, parquet, votable
from uraniborg_portal.catalogs.readers.source import Source
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.errors import BadParameter, TooLarge

CSV = "CSV"
READERS: tuple[tuple[str, tuple[str, ...], tuple[bytes, ...], Callable[[Path], Source]], ...] = (
    ("Parquet", parquet.SUFFIXES, (b"PAR1",), parquet.read),
    ("FITS", fits.SUFFIXES, (b"SIMPLE  =",), fits.read),
    ("VOTable", votable.SUFFIXES, votable.STARTS, votable.read),
    (CSV, csv.SUFFIXES, (), csv.read),
)
"""Name, file name extensions, first bytes, reader."""
PACKED = (b"\x1f\x8b", b"BZh", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ")
"""First bytes of gzip, bzip2, zip, zstd and xz."""
COMPRESSED = (".gz", ".bz2", ".zst")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\"]")


def read_files(
    paths: tuple[Path, ...],
    tell: Callable[[Path], None] = lambda path: None,
    types: Mapping[str, pa.DataType] | None = None,
) -> Source:
    """Read files into one table, in order; `tell` hears of each file before it is read.

    The texts of CSV files are read as values of `types`, by the names of columns in lower case.

    Column names lose double quotes and control characters; columns that are neither numbers, booleans, texts nor times
    are left out; times become ISO 8601 texts, and so do whole numbers of a column with one above `datatypes.LARGEST`.

    Raises
    ------
    BadParameter
        A file can't be read or is of no known format, or the files have different columns.
    TooLarge
        A file needs more memory than there is.
    """
    sources = []
    for path in paths:
        tell(path)
        sources.append(tidy(untidied(path, types)))
    first = sources[0]
    for path, source in zip(paths[1:], sources[1:], strict=True):
        if source.table.column_names != first.table.column_names:
            raise BadParameter(
                f"{path} has other columns than {paths[0]}: files of one catalog have the same columns in one order.",
                "Add them as two catalogs.",
            )
    return replace(first, table=_joined([_worded(source.table) for source in sources], paths[0]))


def format_of(path: Path) -> str:
    """Give the name of a file's format, from its first bytes and its name.

    Raises
    ------
    BadParameter
        The file is not there, or of no format that is read here.
    """
    return _reader(path)[0]


def untidied(path: Path, types: Mapping[str, pa.DataType] | None = None) -> Source:
    """Read a file whole, with all of its columns as they are; fails like `read_files`."""
    kind, read = _reader(path)
    with readable(path, kind):
        return csv.read(path, types) if kind == CSV else read(path)


@contextmanager
def readable(path: Path, kind: str) -> Iterator[None]:
    """Say in a sentence what reading a file in the block fails of; a full disk stays what it is.

    Raises
    ------
    BadParameter
        The file can't be read.
    TooLarge
        It needs more memory than there is.
    """
    try:
        yield
    except MemoryError as error:  # Arrow's is one, too
        raise TooLarge(f"{path} needs more memory than there is for it.", "Split it.") from error
    except (OSError, ValueError, TypeError, KeyError, IndexError, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise BadParameter(
            f"{path} can't be read as {kind}: {_sentence(error)}.", "Check the file, or convert it to CSV or Parquet."
        ) from error


def _reader(path: Path) -> tuple[str, Callable[[Path], Source]]:
    try:
        with path.open("rb") as file:
            start = file.read(512).lstrip(b" \t\r\n") or b""
    except OSError as error:
        raise BadParameter(f"{path} can't be opened: {error.strerror}.", "Give an existing file.") from error
    name = path.name.lower()
    if start.startswith(PACKED) and not name.endswith(COMPRESSED):
        raise BadParameter(f"{path} is compressed.", "Unpack it first.")
    for suffix in COMPRESSED:
        name = name.removesuffix(suffix)
    for kind, suffixes, marks, read in READERS:
        if start.startswith(marks) if marks and not path.name.lower().endswith(COMPRESSED) else name.endswith(suffixes):
            return kind, read
    raise BadParameter(
        f"{path} is of no format that is read here: CSV, ECSV, VOTable, FITS, Parquet and HATS folders are accepted.",
        "Convert it to one of them.",
    )


def tidy(source: Source) -> Source:
    """Give a source with the names and types that a catalog's columns may have.

    Columns with whole numbers above `datatypes.LARGEST`, which become texts, stay what they are.

    Raises
    ------
    BadParameter
        Two columns have one name, case aside.
    """
    names = list(_clean(source.table.column_names))
    twice = [name for name in names if [other.lower() for other in names].count(name.lower()) > 1]
    if twice:
        raise BadParameter(
            f"Two columns are named {twice[0]!r} (case does not count in ADQL).", "Rename one of them in the file."
        )
    renamed = dict(zip(source.table.column_names, names, strict=True))
    notes = {renamed[name]: note for name, note in source.notes.items() if name in renamed}
    table, left_out = source.table.rename_columns(names), list(source.left_out)
    for number in reversed(range(table.num_columns)):
        if pa.types.is_timestamp(table.schema.field(number).type):
            notes[names[number]] = replace(notes.get(names[number], Note()), xtype="timestamp")
        values = _plain(table.column(number))
        if values is None:
            left_out.append(names[number])
            table = table.remove_column(number)
        else:
            table = table.set_column(number, names[number], values)
    return replace(source, table=table, notes=notes, left_out=tuple(left_out))


def _clean(names: list[str]) -> Iterator[str]:
    for number, name in enumerate(names, 1):
        yield _CONTROL.sub("_", name).strip() or f"column_{number}"


def _plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _plain(values.cast(kind.value_type))
    if pa.types.is_null(kind):
        return values
    if pa.types.is_timestamp(kind):
        # As DALI 1.1, section 3.3.3, writes times: UTC, without a zone.
        return pc.replace_substring(values.cast(pa.timestamp(kind.unit)).cast(pa.string()), " ", "T")
    if pa.types.is_temporal(kind) or datatypes.is_string(kind):
        return values.cast(pa.string())
    if datatypes.is_too_large(values):
        return values
    datatype = datatypes.votable(values)
    return None if datatype is None else values.cast(datatypes.ARROW[datatype], safe=False)


def _worded(table: pa.Table) -> pa.Table:
    large = {field.name: pa.string() for field in table.schema if pa.types.is_uint64(field.type)}
    return table.cast(pa.schema([(field.name, large.get(field.name, field.type)) for field in table.schema]))


def _joined(tables: list[pa.Table], first: Path) -> pa.Table:
    try:
        whole = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException as error:
        raise BadParameter(
            f"The files beginning with {first} can't be joined: {_sentence(error)}.",
            "Make the types of their columns agree.",
        ) from error
    # A column without any value is text: nothing else can be said of it.
    known = [field.with_type(pa.string()) if pa.types.is_null(field.type) else field for field in whole.schema]
    return whole.cast(pa.schema(known))


def _sentence(error: Exception) -> str:
    return (str(error) or type(error).__name__).partition("\n")[0].strip().rstrip(".")[:300]
