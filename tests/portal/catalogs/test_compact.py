"""Rows that are appended in files of their own are there at once, and compaction makes what the whole ingest makes."""

from __future__ import annotations

from pathlib import Path

import hats
import lsdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from growing_sky import SIZE, SKY, rows, saved, wishes
from hats.io.validation import is_valid_catalog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs import id_index, layout, versions
from uraniborg_portal.catalogs.add import add
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.compact import compact
from uraniborg_portal.catalogs.ingest import refine, work
from uraniborg_portal.catalogs.models import Readers
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Manner
from uraniborg_portal.errors import Conflict, NotFound

BESIDE = Manner(most_anew=0, keep=50)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a version but those that say which one it is."""
    own = (layout.DESCRIPTION, layout.COMPACTED)
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in own)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def stored_rows(folder: Path, *, margin: bool = False) -> list[tuple[object, ...]]:
    """All rows that the shards of a catalog have, or their margins with the cell that each surrounds, sorted."""
    found = []
    for shard in CatalogRegistry(folder).shards("sky"):
        for path in shard.margin_files if margin else shard.files:
            table = pq.ParquetFile(path).read().to_pylist()
            found += [(shard.order, shard.pixel) * margin + tuple(map(repr, row.values())) for row in table]
    return sorted(found)


def nights(folder: Path, count: int = 2) -> CatalogRegistry:
    """A catalog of half of the rows, to which the others were appended in files of their own, `count` times."""
    table = rows()
    add((saved(table.slice(0, SIZE // 2), folder / "a.parquet"),), wishes(), folder / "sky")
    step = SIZE // 2 // count
    for night in range(count):
        path = saved(table.slice(SIZE // 2 + night * step, step), folder / f"{night}.parquet")
        append((path,), SKY, folder / "sky", None, BESIDE)
    return CatalogRegistry(folder / "sky")


@pytest.mark.timeout(600)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32 - 1),
    where=st.sampled_from(["anywhere", "field last", "field first"]),
    margin=st.sampled_from([10.0, 600.0, 20_000.0]),
    compacted=st.sets(st.integers(1, 2)),
)
def test_files_beside_have_all_rows_and_compaction_makes_what_the_whole_makes(
    tmp_path_factory: pytest.TempPathFactory, seed: int, where: str, margin: float, compacted: set[int]
) -> None:
    folder, table = tmp_path_factory.mktemp("sky"), rows()
    number = np.random.default_rng(seed).integers(0, 4, SIZE)
    if where != "anywhere":
        number[:130] = {"field last": 3, "field first": 0}[where]
    files = [saved(table.filter(pa.array(number == each)), folder / f"{each}.parquet") for each in range(4)]
    grown, here = add((files[0],), wishes(margin), folder / "grown"), folder / "grown" / "sky"
    for night, path in enumerate(files[1:], 1):
        before = content(here / f"v{grown.version}")
        now = append((path,), SKY, folder / "grown", None, BESIDE)
        assert content(here / f"v{grown.version}") == before
        grown = now
        whole = add(tuple(files[: night + 1]), wishes(margin), folder / "whole", None, Manner(replace=True))
        assert (grown.rows, grown.columns) == (whole.rows, whole.columns)
        assert list(findings(CatalogRegistry(folder / "grown"), "sky")) == []
        assert stored_rows(folder / "grown") == stored_rows(folder / "whole")
        if night in compacted:
            grown = compact("sky", folder / "grown")
    grown = compact("sky", folder / "grown")
    registry = CatalogRegistry(folder / "grown")
    assert list(findings(registry, "sky")) == []
    assert content(here / f"v{grown.version}") == content(folder / "whole" / "sky" / f"v{whole.version}")
    assert (grown.rows, grown.columns, grown.position) == (whole.rows, whole.columns, whole.position)
    assert compact("sky", folder / "grown") == grown


def test_nothing_that_was_there_is_written_again(tmp_path: Path) -> None:
    registry = nights(tmp_path)
    shards = registry.shards("sky")
    assert max(len(shard.files) for shard in shards) == 3
    for shard in shards:
        before = registry.folder / "sky" / "v2" / shard.path.relative_to(registry.folder / "sky" / "v3")
        assert all(old.samefile(new) for old, new in zip(sorted(before.glob("*")), shard.files, strict=False))
    # A margin in several files is that of a whole one.
    assert [shard.margin_files for shard in shards if len(shard.margin_files) > 1]
    parts = stored_rows(registry.folder, margin=True)
    compact("sky", registry.folder)
    places = {(shard.order, shard.pixel) for shard in shards}
    same = [row for row in stored_rows(registry.folder, margin=True) if row[:2] in places]
    kept = {row[:2] for row in same}
    assert same == [row for row in parts if row[:2] in kept]


def test_identifiers_and_row_groups_of_files_beside_are_found(tmp_path: Path) -> None:
    registry = nights(tmp_path)
    version, shards = registry.folder / "sky" / "v3", registry.shards("sky")
    for value in (3, 60, 99):
        having = [
            number
            for number, shard in enumerate(shards)
            if any(value in pq.ParquetFile(path).read(["id"])["id"].to_pylist() for path in shard.files)
        ]
        assert having
        assert list(id_index.find(version, [value])) == having
        found = registry.pruning("sky").matching(np.arange(len(shards)), None, {"id": (value, value)})
        assert found is not None
        files = [shards[shard].files[part] for shard, part in zip(*found.files, strict=True)]
        read = [
            pq.ParquetFile(path).read_row_groups(list(groups), ["id"])["id"].to_pylist()
            for path, groups in zip(files, found.of_files, strict=True)
        ]
        assert sum(each.count(value) for each in read) == 3


def test_hats_and_lsdb_take_it_for_a_catalog_before_and_after(tmp_path: Path) -> None:
    registry = nights(tmp_path)
    wanted = sorted(rows()["id"].to_pylist())
    for number in (3, 4):
        if number == 4:
            compact("sky", registry.folder)
        folder = registry.folder / "sky" / f"v{number}"
        assert is_valid_catalog(folder, strict=True)
        assert hats.read_hats(folder).main_catalog.catalog_info.total_rows == SIZE
        opened = lsdb.open_catalog(folder)
        assert sorted(opened.compute()["id"].to_list()) == wanted
        assert opened.margin is not None
        assert len(opened.cone_search(45.0, 0.0, 60).compute()) == 10


def test_a_roll_back_goes_to_other_rows_and_versions_are_kept_by_them(tmp_path: Path) -> None:
    registry = nights(tmp_path)
    assert compact("sky", registry.folder).version == "4"
    assert [versions.rows_of(registry.folder, "sky", number) for number in (1, 2, 3, 4)] == [1, 2, 3, 3]
    assert versions.before(registry.folder, "sky") == 2
    assert versions.prune(registry.folder, "sky", 1) == (1,)
    assert versions.numbers(registry.folder, "sky") == (2, 3, 4)
    path = saved(rows(), tmp_path / "more.parquet")
    assert append((path,), SKY, registry.folder, None, Manner(most_anew=0, keep=1)).version == "5"
    assert versions.numbers(registry.folder, "sky") == (4, 5)
    assert versions.before(registry.folder, "sky") == 4
    versions.publish(registry.folder, "sky", 4)
    with pytest.raises(Conflict, match="no version before"):
        versions.before(registry.folder, "sky")


def test_rows_stay_in_their_order_where_older_ones_are_compacted_later(tmp_path: Path) -> None:
    registry = nights(tmp_path)
    versions.publish(registry.folder, "sky", 2)
    assert compact("sky", registry.folder).version == "4"
    assert versions.before(registry.folder, "sky") == 1
    versions.publish(registry.folder, "sky", 3)
    assert versions.before(registry.folder, "sky") == 4
    assert versions.prune(registry.folder, "sky", 1) == (1, 2)


def test_a_shard_of_many_files_is_written_anew_by_the_next_append(tmp_path: Path) -> None:
    folder, table = tmp_path / "sky", rows().slice(110, 1)
    add((saved(table, tmp_path / "a.parquet"),), wishes(), folder)
    for _ in range(refine.MOST_PARTS):
        append((tmp_path / "a.parquet",), SKY, folder, None, BESIDE)
        (shard,) = CatalogRegistry(folder).shards("sky")
    assert (len(shard.files), shard.rows) == (1, refine.MOST_PARTS + 1)
    append((tmp_path / "a.parquet",), SKY, folder, None, BESIDE)
    assert len(CatalogRegistry(folder).shards("sky")[0].files) == 2


def test_small_appends_write_shards_anew(tmp_path: Path) -> None:
    folder = nights(tmp_path).folder
    append((saved(rows().slice(0, 3), tmp_path / "c.parquet"),), SKY, folder)
    assert all(len(shard.files) == 1 for shard in CatalogRegistry(folder).shards("sky"))
    assert list(findings(CatalogRegistry(folder), "sky")) == []


def test_appending_comes_before_compacting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = nights(tmp_path)
    more = saved(rows().slice(0, 5), tmp_path / "c.parquet")

    def meanwhile(stage: str, part: float) -> None:
        if registry.get("sky").version == "3":
            append((more,), SKY, registry.folder, None, BESIDE)

    with pytest.raises(Conflict, match="v3 of 'sky' was compacted, and is not the current one any more"):
        compact("sky", registry.folder, meanwhile)
    assert (registry.get("sky").version, registry.get("sky").rows) == ("4", SIZE + 5)
    with work.held(registry.folder, "sky"), pytest.raises(Conflict, match="Another ingest of 'sky' is running"):
        compact("sky", registry.folder)
    with work.held(registry.folder, "sky") as ingest:
        ingest.plan.write_text("{}")
    with pytest.raises(Conflict, match="is running or was interrupted"):
        compact("sky", registry.folder)
    with work.held(registry.folder, "sky") as ingest:
        work.leave(ingest)
    with work.compacting(registry.folder, "sky"), pytest.raises(Conflict, match="Another compaction of 'sky'"):
        compact("sky", registry.folder)
    assert compact("sky", registry.folder).rows == SIZE + 5
    assert not work.compaction_of(registry.folder, "sky").root.exists()
    with pytest.raises(NotFound):
        compact("nothing", registry.folder)


def test_a_compaction_that_was_killed_goes_on(tmp_path: Path) -> None:
    registry, done = nights(tmp_path), []

    class Killed(BaseException):
        """What no handler of ours takes for an error."""

    def until(stage: str, part: float) -> None:
        done.append(part)
        if len(done) == 5:
            raise Killed

    with pytest.raises(Killed):
        compact("sky", registry.folder, until)
    assert registry.get("sky").version == "3"
    again: list[float] = []
    compact("sky", registry.folder, lambda stage, part: again.append(part))
    assert len(again) == len(set(again)) + (1.0 in again[:-1]) < len(registry.shards("sky")) + 1
    assert again[0] > done[3]
    assert list(findings(registry, "sky")) == []


def test_what_people_said_stays(tmp_path: Path) -> None:
    registry = nights(tmp_path)

    def meanwhile(stage: str, part: float) -> None:
        registry.describe("sky", licence="CC0-1.0")
        registry.restrict("sky", Readers(groups=("staff",)))

    catalog = compact("sky", registry.folder, meanwhile)
    assert (catalog.title, catalog.licence, catalog.readers) == ("Sky", "CC0-1.0", Readers(groups=("staff",)))
    assert registry.get("sky") == catalog
