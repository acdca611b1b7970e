"""What a HATS catalog on another host says of itself is copied, whoever made it and however it is served."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from uraniborg_portal.catalogs.adopt import adopt, adopt_remote
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import BadParameter, Conflict, PortalError
from uraniborg_portal.samples.install import install_samples
from uraniborg_portal.settings import QueryLimits

if TYPE_CHECKING:
    from conftest import S3

Serve = Callable[[Starlette], AbstractContextManager[str]]
IN_ORION = "SELECT COUNT(*) AS n FROM sky WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(83.8, -5.4, 5))"
STARS = 336


@pytest.fixture
def theirs(portal_home: Path, tmp_path: Path) -> Path:
    """A collection that another host serves."""
    folder = portal_home / "portal" / "catalogs"
    install_samples(folder)
    shutil.copytree(CatalogRegistry(folder).collection("hipparcos").root, tmp_path / "theirs")
    return tmp_path / "theirs"


@pytest.fixture
def url(theirs: Path, serve: Serve) -> Iterator[str]:
    with serve(Starlette(routes=[Mount("/", StaticFiles(directory=theirs))])) as address:
        yield address


def counted(catalogs: Path) -> int:
    """How many stars a query finds in Orion; it fetches shards."""
    engine = Engine(CatalogRegistry(catalogs), QueryLimits(), catalogs.with_name("spill"))
    try:
        return int(engine.run(IN_ORION, 1).table["n"][0].as_py())
    finally:
        engine.close()


def test_a_catalog_is_described_as_its_local_twin_and_no_shard_comes(url: str, theirs: Path, tmp_path: Path) -> None:
    found = adopt_remote(url, Wishes(name="sky", epoch=1991.25), tmp_path / "there")
    assert found == adopt(theirs, Wishes(name="sky", epoch=1991.25), tmp_path / "here", in_place=True)
    assert not list((tmp_path / "there").rglob("Npix=*"))
    assert not list((tmp_path / "shards").rglob("*.parquet"))
    registry = CatalogRegistry(tmp_path / "there")
    (finding,) = findings(registry, "sky")
    assert finding.text.startswith("12 of 12 shards are not on this machine")
    assert not finding.serious
    registry.remove("sky")
    assert registry.names() == ()


@pytest.mark.parametrize(
    "gone",
    [
        (),
        ("_metadata",),
        ("_metadata", "_common_metadata"),
        ("_common_metadata", "skymap.fits", "point_map.fits"),
        ("collection.properties/hats.properties",),
    ],
)
def test_metadata_that_is_missing_is_made_of_the_footers(
    url: str, theirs: Path, tmp_path: Path, gone: tuple[str, ...]
) -> None:
    for name in gone:
        for path in theirs.rglob(name):
            path.unlink()
    catalog = adopt_remote(f"{url}/hipparcos/", Wishes(name="sky"), tmp_path / "there")
    assert (catalog.rows, catalog.column("hip").minimum, catalog.column("hip").nulls) == (117_955, 1, 0)
    assert counted(tmp_path / "there") == STARS


def test_a_new_version_replaces_the_old_one(url: str, theirs: Path, tmp_path: Path) -> None:
    adopt_remote(url, Wishes(name="sky"), tmp_path / "there")
    with pytest.raises(Conflict):
        adopt_remote(url, Wishes(name="sky"), tmp_path / "there")
    before = counted(tmp_path / "there")
    path = theirs / "hipparcos" / "hats.properties"
    path.write_text(path.read_text() + "obs_title=Renamed\n")
    catalog = adopt_remote(url, Wishes(name="sky"), tmp_path / "there", Manner(replace=True))
    assert (catalog.version, catalog.title) == ("2", "Renamed")
    # What was kept of the old one is not taken for shards of the new one.
    assert len(list((tmp_path / "shards").glob("[!.]*"))) == 1
    assert counted(tmp_path / "there") == before
    assert len(list((tmp_path / "shards").glob("[!.]*"))) == 2


def edit(name: str, old: str, new: str) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text().replace(old, new))

    return damage


@pytest.mark.parametrize(
    ("damage", "match"),
    [
        (lambda folder: shutil.rmtree(folder / "hipparcos"), "is no HATS catalog"),
        (edit("collection.properties", "hats_primary_table_url=", "hats_primary_table_url=http://x/"), "inside"),
        (edit("hipparcos/hats.properties", "hats_col_ra=ra", ""), "has no positions"),
        (edit("hipparcos/hats.properties", "hats_npix_suffix=.parquet", "hats_npix_suffix=/"), "a folder for each"),
        (edit("hipparcos/partition_info.csv", "Npix", "other"), "does not list partitions"),
        (lambda folder: shutil.rmtree(folder / "hipparcos" / "dataset" / "Norder=0"), "is missing"),
    ],
)  # fmt: skip
def test_what_can_not_be_served_is_a_sentence(
    url: str, theirs: Path, tmp_path: Path, damage: Callable[[Path], object], match: str
) -> None:
    damage(theirs)
    with pytest.raises(BadParameter, match=match):
        adopt_remote(url, Wishes(name="sky"), tmp_path / "there")
    assert CatalogRegistry(tmp_path / "there").names() == ()


@pytest.mark.parametrize("word", ["https://a:b@example.org/", "nonsense://x/y", "http://"])
def test_an_address_that_is_none_is_a_sentence(tmp_path: Path, word: str) -> None:
    with pytest.raises(PortalError):
        adopt_remote(word, Wishes(name="sky"), tmp_path / "there")


def test_a_catalog_on_s3(s3: S3, theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    options = s3.options()
    for name in ("endpoint_url", "key", "secret"):
        monkeypatch.setitem(fsspec.config.conf.setdefault("s3", {}), name, options[name])
    bucket = s3.bucket("catalogs")
    fsspec.url_to_fs(bucket)[0].put(f"{theirs}/", bucket.removeprefix("s3://"), recursive=True)
    catalog = adopt_remote(bucket, Wishes(name="sky"), tmp_path / "there")
    assert catalog.rows == 117_955
    assert counted(tmp_path / "there") == STARS
