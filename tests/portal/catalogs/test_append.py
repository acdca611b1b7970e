"""Rows that are appended make the catalog that all files at once make, and what can't be appended changes nothing."""

from __future__ import annotations

from pathlib import Path

import hats
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from growing_sky import SIZE, SKY, rows, saved, wishes
from hats.io.validation import is_valid_catalog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from uraniborg_portal.catalogs import id_index, layout, versions, zones
from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.adopt import adopt
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.ingest import work
from uraniborg_portal.catalogs.models import Readers
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Increment, Manner, Wishes
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import BadParameter, Conflict, NotFound
from uraniborg_portal.settings import QueryLimits


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a version but its description, which has its number."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != layout.DESCRIPTION)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.timeout(600)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.integers(0, 2), min_size=SIZE, max_size=SIZE),
    where=st.sampled_from(["anywhere", "field last", "field first"]),
    margin=st.sampled_from([10.0, 600.0, 20_000.0]),
)
def test_parts_make_what_the_whole_makes(
    tmp_path_factory: pytest.TempPathFactory, parts: list[int], where: str, margin: float
) -> None:
    folder, table, number = tmp_path_factory.mktemp("sky"), rows(), np.array(parts)
    if where != "anywhere":
        number[:130] = {"field last": 2, "field first": 0}[where]
    files = [saved(table.filter(pa.array(number == each)), folder / f"{each}.parquet") for each in range(3)]
    files = [path for path in files if pq.read_metadata(path).num_rows]
    whole = add(tuple(files), wishes(margin), folder / "whole")
    grown = add((files[0],), wishes(margin), folder / "grown")
    for path in files[1:]:
        before = content(folder / "grown" / "sky" / f"v{grown.version}")
        now = append((path,), SKY, folder / "grown")
        assert content(folder / "grown" / "sky" / f"v{grown.version}") == before
        grown = now
    registry = CatalogRegistry(folder / "grown")
    assert list(findings(registry, "sky")) == []
    assert (grown.rows, grown.columns, grown.position) == (whole.rows, whole.columns, whole.position)
    assert list(registry.shards("sky").rows) == list(CatalogRegistry(folder / "whole").shards("sky").rows)
    last = folder / "grown" / "sky" / f"v{grown.version}"
    assert content(last) == content(folder / "whole" / "sky" / "v1")
    assert id_index.find(last, [3]) == id_index.find(folder / "whole" / "sky" / "v1", [3])


def test_only_shards_that_gain_rows_are_written(tmp_path: Path) -> None:
    table, heard = rows(), []
    add((saved(table, tmp_path / "a.parquet"),), wishes(), tmp_path / "sky")
    more = table.slice(0, 5)
    steps = Steps(shared=lambda written, shards: heard.append((written, shards)))
    catalog = append((saved(more, tmp_path / "b.parquet"),), SKY, tmp_path / "sky", steps)
    assert (catalog.version, catalog.rows) == ("2", SIZE + 5)
    old, new = (tmp_path / "sky" / "sky" / version / "sky" / "dataset" for version in ("v1", "v2"))
    same = [path for path in new.rglob("Npix=*") if (old / path.relative_to(new)).exists()]
    shared = [path for path in same if path.samefile(old / path.relative_to(new))]
    written, shards = heard[0]
    assert len(list(new.rglob("Npix=*"))) == shards
    assert shards - len(shared) == written <= 5 < shards / 4


def test_hats_takes_it_for_a_catalog(tmp_path: Path) -> None:
    table = rows()
    add((saved(table.slice(50), tmp_path / "a.parquet"),), wishes(), tmp_path / "sky")
    append((saved(table.slice(0, 50), tmp_path / "b.parquet"),), SKY, tmp_path / "sky")
    folder = tmp_path / "sky" / "sky" / "v2"
    assert is_valid_catalog(folder / "sky", strict=True)
    opened = hats.read_hats(folder)
    assert opened.main_catalog.catalog_info.total_rows == SIZE
    assert len(opened.main_catalog.get_healpix_pixels()) == len(CatalogRegistry(tmp_path / "sky").shards("sky"))


def test_shards_that_were_written_otherwise_are_read_beside_new_ones(tmp_path: Path) -> None:
    table = rows()
    add((saved(table, tmp_path / "a.parquet"),), wishes(), tmp_path / "sky")
    written_otherwise(tmp_path / "sky")
    more = table.filter(pa.array(np.arange(SIZE) % 40 == 3))
    append((saved(more, tmp_path / "b.parquet"),), SKY, tmp_path / "sky")
    assert list(findings(CatalogRegistry(tmp_path / "sky"), "sky")) == []
    files = [pq.read_metadata(shard.path) for shard in CatalogRegistry(tmp_path / "sky").shards("sky")]
    assert {footer.row_group(0).column(1).compression == "ZSTD" for footer in files} == {True, False}
    assert {footer.num_row_groups > 1 for footer in files} == {True, False}
    whole = pa.concat_tables([table, more])
    engine = Engine(CatalogRegistry(tmp_path / "sky"), QueryLimits(), tmp_path / "spill")
    try:
        for where, wanted in {
            "1 = 1": np.ones(len(whole), np.bool_),
            "id = 33": whole["id"].to_numpy() == 33,
            "flux > 1.5": np.nan_to_num(whole["flux"].to_numpy()) > 1.5,
            "dec BETWEEN -69.005 AND -68": np.abs(whole["dec"].to_numpy() + 68.5025) <= 0.5025,
        }.items():
            query = " ".join(["SELECT id, ra FROM sky WHERE", where, "ORDER BY id, ra"])
            assert engine.run(query, 1000).table.equals(
                whole.filter(pa.array(wanted)).select(["id", "ra"]).sort_by([("id", "ascending"), ("ra", "ascending")])
            ), where
    finally:
        engine.close()


def written_otherwise(catalogs: Path) -> None:
    """Write the shards of a version anew: all columns as zstd, a few rows in a row group; and the zone map of them."""
    folder, found = layout.version_folder(catalogs, "sky", 1), []
    for shard in CatalogRegistry(catalogs).shards("sky"):
        pq.write_table(pq.read_table(shard.path, partitioning=None), shard.path, row_group_size=7, compression="zstd")
        found.append(catalogs / f"{shard.order}-{shard.pixel}.zones")
        of_shard = zones.of_shard(shard.path, (shard.order, shard.pixel), tuple(zones.load(folder).columns))
        zones.save(of_shard, found[-1])
    zones.join(found, folder)
    for path in found:
        path.unlink()


def test_text_fits_the_columns_or_is_kept_aside(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,ra,dec,name,mag\n1,10,20,007,5\nx,1,1,a,2\n2,,,c,5\n")
    add((tmp_path / "a.csv",), Wishes(name="sky", types={"id": "int64", "name": "string"}), tmp_path / "sky")
    (tmp_path / "b.csv").write_text("name,dec,ra,id\n008,-5 30 00,01:00:00,3\n9,1 0 0,2:0:0,3.5\n")
    (tmp_path / "c.csv").write_text("ra,dec\n,\n11,21\n")
    assert append((tmp_path / "b.csv",), SKY, tmp_path / "sky").rows == 2
    catalog = append((tmp_path / "c.csv",), SKY, tmp_path / "sky")
    assert (catalog.rows, catalog.rows_without_position) == (3, 2)
    assert [column.name for column in catalog.columns] == ["id", "ra", "dec", "name", "mag"]
    assert catalog.column("mag").nulls == 2
    shards = CatalogRegistry(tmp_path / "sky").shards("sky")
    found = {row["id"]: row for shard in shards for row in pq.ParquetFile(shard.path).read().to_pylist()}
    assert (found[1]["name"], found[3]["name"], found[3]["ra"], found[3]["mag"]) == ("007", "008", 15.0, None)
    lines = (tmp_path / "sky" / "sky" / "v3" / "rejected" / "rows.csv").read_text().splitlines()
    assert [line.split(",")[1] for line in lines] == ["line", "3", "3"]
    assert "'3.5' is not of type int64" in lines[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.append_column("new", t["ra"]), "has no column 'new'"),
        (lambda t: t.drop_columns(["dec"]), "'dec' of the catalog's positions is missing"),
        (lambda t: t.set_column(0, "id", t["flux"]), "'id' holds values .* of type int64, can't hold"),
        (lambda t: t.set_column(0, "id", t["name"]), "'id' holds values .string. that"),
        (lambda t: t.set_column(3, "name", t["id"]), "'name' holds values .int64. that"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: object, message: str) -> None:
    table = rows()
    before = add((saved(table, tmp_path / "a.parquet"),), wishes(), tmp_path / "sky")
    with pytest.raises(BadParameter, match=message):
        append((saved(change(table), tmp_path / "b.parquet"),), SKY, tmp_path / "sky")
    assert CatalogRegistry(tmp_path / "sky").get("sky") == before
    assert versions.numbers(tmp_path / "sky", "sky") == (1,)
    assert not work.of(tmp_path / "sky", "sky").root.exists()


@pytest.mark.parametrize(("unit", "fits"), [("mJy", True), ("10**-3 Jy", True), ("Jy", False), ("", True)])
def test_units_are_the_catalogs(tmp_path: Path, unit: str, fits: bool) -> None:
    def of(word: str) -> pa.Table:
        fields = [field.with_metadata({"unit": word} if field.name == "flux" else None) for field in rows().schema]
        return rows().cast(pa.schema(fields))

    add((saved(of("mJy"), tmp_path / "a.parquet"),), wishes(), tmp_path / "sky")
    path = saved(of(unit), tmp_path / "b.parquet")
    if fits:
        assert append((path,), SKY, tmp_path / "sky").column("flux").unit == "mJy"
    else:
        with pytest.raises(BadParameter, match="'flux' is in 'Jy', the catalog's column in 'mJy'"):
            append((path,), SKY, tmp_path / "sky")


def test_numbers_fit_where_nothing_is_lost(tmp_path: Path) -> None:
    table = rows().append_column("unknown", pa.array([1.0] * SIZE))
    add((saved(rows(), tmp_path / "a.parquet"),), wishes(), tmp_path / "sky")
    ids = pa.array(np.where(np.arange(SIZE) == 7, np.nan, np.arange(SIZE)), pa.float64())
    other = table.set_column(0, "id", ids).set_column(4, "flux", pa.array(np.ones(SIZE, np.int32)))
    increment = Increment(name="SKY", leave_out_unknown=True)
    catalog = append((saved(other, tmp_path / "b.parquet"),), increment, tmp_path / "sky")
    assert (catalog.rows, catalog.column("id").datatype, catalog.column("id").nulls) == (2 * SIZE, "long", 1)
    assert catalog.column("id").maximum == SIZE - 1


def test_what_people_said_stays(tmp_path: Path) -> None:
    path = saved(rows(), tmp_path / "a.parquet")
    add((path,), wishes(), tmp_path / "sky")
    registry = CatalogRegistry(tmp_path / "sky")
    registry.describe("sky", licence="CC0-1.0")

    def meanwhile(stage: str, part: float) -> None:
        registry.restrict("sky", Readers(groups=("staff",)))

    catalog = append((path,), SKY, tmp_path / "sky", Steps(progress=meanwhile))
    assert (catalog.title, catalog.licence, catalog.readers) == ("Sky", "CC0-1.0", Readers(groups=("staff",)))
    assert registry.get("sky") == catalog


def test_it_is_told_what_can_not_be_appended_to(tmp_path: Path) -> None:
    path = saved(rows(), tmp_path / "a.parquet")
    with pytest.raises(NotFound):
        append((path,), SKY, tmp_path / "sky")
    add((path,), wishes(), tmp_path / "sky")
    adopt(tmp_path / "sky" / "sky" / "v1" / "sky", Wishes(name="theirs"), tmp_path / "sky", in_place=True)
    adopt(tmp_path / "sky" / "sky" / "v1", Wishes(name="copied"), tmp_path / "sky", in_place=False)
    for name in ("theirs", "copied"):
        with pytest.raises(Conflict, match="another program"):
            append((path,), Increment(name=name), tmp_path / "sky")
    with work.held(tmp_path / "sky", "sky"), pytest.raises(Conflict, match="Another ingest of 'sky' is running"):
        append((path,), SKY, tmp_path / "sky")


def test_a_version_that_is_published_meanwhile_is_not_lost(tmp_path: Path) -> None:
    path = saved(rows(), tmp_path / "a.parquet")
    add((path,), wishes(), tmp_path / "sky")
    append((path,), SKY, tmp_path / "sky")
    steps = Steps(progress=lambda stage, part: versions.publish(tmp_path / "sky", "sky", 1))
    with pytest.raises(Conflict, match="version v2 of 'sky', but v1 is the current one"):
        append((path,), SKY, tmp_path / "sky", steps)
    assert append((path,), SKY, tmp_path / "sky", None, Manner(keep=0)).rows == 2 * SIZE
    assert versions.numbers(tmp_path / "sky", "sky") == (3,)
    assert list(findings(CatalogRegistry(tmp_path / "sky"), "sky")) == []
