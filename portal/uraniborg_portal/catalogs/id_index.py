"""The index of identifiers of a version: sorted, each with its shard, in parts that are looked up on disk.

Identifiers of rows that are in files beside those of their shards are in folders of their own inside of it, laid out
alike; what was there before is shared, with what its numbers of shards are now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from uraniborg_portal.catalogs import datatypes, layout
from uraniborg_portal.catalogs.hard_links import share
from uraniborg_portal.catalogs.shards import Integers
from uraniborg_portal.catalogs.zones import Before
from uraniborg_portal.errors import NotFound

PART_ROWS = 4_000_000
"""Identifiers in a part, about."""
_EVERY = 1_000
"""Parts are bounded by every so manieth identifier of the shards."""
_BOUNDS, _NUMBERS = "bounds.arrow", "numbers.arrow"
Numbers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One part of the index to be written: of the identifiers from `first` to before `stop`; None is an open end."""

    runs: tuple[Path | None, ...]
    """The sorted identifiers of each shard, along the HEALPix curve; None for those of `before`."""
    path: Path
    first: int | str | None
    stop: int | str | None
    before: Before | None = None
    """The version of which shards are kept."""


def find(folder: Path, values: Sequence[int | str]) -> tuple[int, ...]:
    """Give the numbers of the shards that may hold rows with these identifiers, sorted; the others hold none.

    Parameters
    ----------
    folder
        A version's folder.
    values
        Of the identifier's type: what is not has no shard.

    Raises
    ------
    NotFound
        The version has no such index: its files were not written here, or its identifier is no integer and no text.
    """
    path = folder / layout.IDENTIFIERS
    if not (path / _BOUNDS).is_file():
        raise NotFound(f"{folder} has no index of identifiers.")
    found: set[int] = set()
    for each in _folders(path):
        numbers, inside = _numbers(each), _find(each, values)
        found |= inside if numbers is None else set(numbers[sorted(inside)].tolist())
    return tuple(sorted(found))


def _find(path: Path, values: Sequence[int | str]) -> set[int]:
    bounds = _opened(path / _BOUNDS)["id"].combine_chunks()
    kind = str if datatypes.is_string(bounds.type) else int
    found: set[int] = set()
    firsts = bounds.to_pylist()
    wanted: dict[int, list[int | str]] = {}
    for value in values:
        if isinstance(value, kind) and (part := bisect_right(firsts, value) - 1) >= 0:
            wanted.setdefault(part, []).append(value)
    for part, inside in wanted.items():
        table = _opened(path / part_name(part))
        found |= _shards_of(_whole(table["id"]), _whole(table["shard"]), inside)
    return found


def can_hold(kind: pa.DataType) -> bool:
    """Tell whether identifiers of a type are indexed."""
    return bool(pa.types.is_integer(kind) or datatypes.is_string(kind))


def is_unique(folder: Path) -> bool:
    """Tell whether each identifier of a version is that of one row; False where there is no index of them."""
    path = folder / layout.IDENTIFIERS
    if not (path / _BOUNDS).is_file():
        return False
    before: list[pa.Table] = []
    for each in _folders(path):
        here = [_opened(part) for part in _parts_of(each)]
        for identifiers in (_whole(part["id"]) for part in here):
            if _repeats(identifiers) or any(len(found) for found, _ in _found(before, identifiers)):
                return False
        before += here
    return True


def rows_of(folder: Path, identifiers: pa.Array) -> Iterator[tuple[Integers, pa.Table]]:
    """Give which of some identifiers, of which no two are equal, are in an index, and their rows there, part by part.

    Parameters
    ----------
    folder
        A version's folder, or another one with an index.
    identifiers
        Of the identifier's type, without NULL.
    """
    path = folder / layout.IDENTIFIERS
    yield from _found((_opened(part) for each in _folders(path) for part in _parts_of(each)), identifiers)


def _found(parts: Iterable[pa.Table], identifiers: pa.Array) -> Iterator[tuple[Integers, pa.Table]]:
    for part in parts:
        known = _whole(part["id"])
        if pa.types.is_integer(known.type):
            sought = identifiers.cast(pa.int64()).to_numpy()
            place = np.searchsorted(known.to_numpy(), sought)
            inside = np.flatnonzero(place < len(known))
            found = inside[known.to_numpy()[place[inside]] == sought[inside]]
            yield found, part.take(pa.array(place[found]))
        else:
            numbers = pc.index_in(known, value_set=identifiers)
            there = pc.is_valid(numbers)
            yield numbers.filter(there).to_numpy().astype(np.int64), part.filter(there)


def save_run(rows: pa.Table, path: Path) -> None:
    """Write the rows of one shard that have an identifier, `id`, sorted by it."""
    kept = rows.filter(rows["id"].is_valid()).combine_chunks()
    if pa.types.is_integer(kept["id"].type):
        whole = kept["id"].cast(pa.int64())
        ordered = kept.set_column(0, "id", whole).take(pa.array(np.argsort(whole.to_numpy(), kind="stable")))
    else:
        ordered = kept.take(pc.sort_indices(kept["id"]))
    _save(ordered, path)


def extended(before: Before, folder: Path) -> Path:
    """Share the index of `before`, all of whose shards are kept, with the version in `folder`.

    Gives the folder in which the identifiers of the rows that are added are to be written.
    """
    source, target = before.folder / layout.IDENTIFIERS, folder / layout.IDENTIFIERS
    parts = _folders(source)
    for each in parts:
        place = target / each.relative_to(source)
        place.mkdir(parents=True, exist_ok=True)
        for file in (each / _BOUNDS, *_parts_of(each)):
            share(file, place / file.name)
        numbers = _numbers(each)
        now = before.numbers if numbers is None else before.numbers[numbers]
        _save(pa.table({"number": now.astype(np.int32)}), place / _NUMBERS)
    return target / str(len(parts))


def tasks(runs: tuple[Path | None, ...], target: Path, before: Before | None = None) -> tuple[Task, ...]:
    """Cut the index of sorted runs, in the folder `target`, into parts, write where they begin, and give what to do."""
    target.mkdir(parents=True, exist_ok=True)
    counts, samples = list[int](), list[pa.Array]()
    for run in _sorted_ones(runs, before):
        counts.append(len(run))
        samples.append(run.take(np.arange(0, len(run), _EVERY)).combine_chunks())
    some, total = pa.chunked_array(samples), sum(counts)
    some = some.take(pc.sort_indices(some)).combine_chunks()
    count = max(1, min(-(-total // PART_ROWS), len(some)))
    firsts = pc.unique(some.take(np.arange(count) * len(some) // count)) if total else some
    _save(pa.table({"id": firsts}), target / _BOUNDS)
    starts: list[int | str | None] = firsts.to_pylist()
    ends = [*starts[1:], None]
    pairs = enumerate(zip(starts, ends, strict=True))
    return tuple(
        Task(runs=runs, path=target / part_name(at), first=first, stop=stop, before=before)
        for at, (first, stop) in pairs
    )


def _sorted_ones(runs: tuple[Path | None, ...], before: Before | None) -> Iterator[pa.ChunkedArray]:
    """Give the identifiers of each run, and of each part of the index before those that stay."""
    for path in runs:
        if path is not None:
            yield _opened(path)["id"]
    for part, numbers in _parts(before) if before else ():
        yield _kept(_opened(part), numbers)["id"]


def do(task: Task) -> int:
    """Write one part, and give its identifiers' number."""
    found = []
    for part, numbers in _parts(task.before) if task.before else ():
        found.append(_kept(_within(_opened(part), task), numbers))
    for number, path in enumerate(task.runs):
        if path is not None:
            run = _within(_opened(path), task)
            found.append(run.append_column("shard", pa.array(np.full(len(run), number, np.int32))))
    whole = pa.concat_tables(found).combine_chunks()
    if pa.types.is_integer(whole["id"].type):
        order = pa.array(np.lexsort((whole["shard"].to_numpy(), whole["id"].to_numpy())))
    else:
        order = pc.sort_indices(whole, sort_keys=[("id", "ascending"), ("shard", "ascending")])
    _save(whole.take(order), task.path)
    return int(whole.num_rows)


def _folders(path: Path) -> list[Path]:
    """Give the folders of an index: its own, and those of rows that were added, in their order."""
    inside = sorted((each for each in path.iterdir() if each.is_dir()), key=lambda each: int(each.name))
    return [path, *inside]


def _parts_of(path: Path) -> list[Path]:
    """Give the parts in a folder of an index, sorted."""
    return sorted(path.glob(part_name(0).replace("0", "[0-9]")))


def _numbers(path: Path) -> Numbers | None:
    """Give what the numbers of shards in a folder of an index are now; None where they are as they are written."""
    known = path / _NUMBERS
    return np.asarray(_opened(known)["number"].to_numpy()) if known.is_file() else None


def _parts(before: Before) -> Iterator[tuple[Path, Numbers]]:
    """Give the parts of the index of a version, and what the numbers in each are in the other one; -1: not kept."""
    for folder in _folders(before.folder / layout.IDENTIFIERS):
        numbers = _numbers(folder)
        for part in _parts_of(folder):
            yield part, before.numbers if numbers is None else before.numbers[numbers]


def _kept(table: pa.Table, numbers: Numbers) -> pa.Table:
    """Give what a part of an index says of shards that are kept, by their numbers now."""
    found = numbers[table["shard"].to_numpy()]
    renumbered = table.set_column(1, "shard", pa.array(found.astype(np.int32)))
    return renumbered.filter(pa.array(found >= 0))


def _within(table: pa.Table, task: Task) -> pa.Table:
    """Give the rows of a sorted table from a task's first identifier to before its last."""
    run = _whole(table["id"])
    start = 0 if task.first is None else _place(run, task.first)
    stop = len(run) if task.stop is None else _place(run, task.stop)
    return table.slice(start, stop - start)


def part_name(number: int) -> str:
    """Give the name of a part's file."""
    return f"{number:05}.arrow"


def _shards_of(identifiers: pa.Array, shards: pa.Array, values: list[int | str]) -> set[int]:
    numbers = shards.to_numpy()
    if pa.types.is_integer(identifiers.type):
        whole, sought = identifiers.to_numpy(), np.array([value for value in values if _fits(value)], np.int64)
        pairs = zip(np.searchsorted(whole, sought), np.searchsorted(whole, sought, "right"), strict=True)
    else:
        words = _Words(identifiers)
        pairs = zip((bisect_left(words, value) for value in values), (bisect_right(words, value) for value in values),
                    strict=True)  # fmt: skip
    return {int(number) for start, stop in pairs for number in np.unique(numbers[start:stop])}


class _Words:
    """Texts on disk, one at a time. Their UTF-8 is sorted as their characters are."""

    def __init__(self, values: pa.Array) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, number: int) -> str:
        return str(self.values[number])


def _place(run: pa.Array, value: int | str) -> int:
    if pa.types.is_integer(run.type):
        return int(np.searchsorted(run.to_numpy(), value))
    return bisect_left(_Words(run), value)


def _whole(values: pa.ChunkedArray) -> pa.Array:
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def _fits(value: object) -> bool:
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _repeats(run: pa.Array) -> bool:
    """Tell whether two of sorted identifiers are equal."""
    return bool(pc.any(pc.equal(run.slice(1), run.slice(0, max(0, len(run) - 1)))).as_py())


def _opened(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _save(table: pa.Table, path: Path) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table.combine_chunks())
