"""The sample catalogs appear at first start, once, and stay away once removed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.samples.install import forget, install_samples


def test_both_samples_are_installed_and_counted(tmp_path: Path) -> None:
    assert install_samples(tmp_path) == ("hipparcos", "openngc")
    registry = CatalogRegistry(tmp_path)
    assert registry.names() == ("hipparcos", "openngc")
    stars, objects = registry.all()
    assert (stars.rows, stars.rows_without_position) == (117_955, 263)
    assert (objects.rows, objects.rows_without_position) == (14_026, 7)
    assert (stars.position.epoch, stars.position.pmra, stars.position.pmdec) == (1991.25, "pmra", "pmdec")
    assert objects.position.epoch is None
    assert (stars.column("pmra").unit, stars.column("ra").ucd) == ("mas/yr", "pos.eq.ra;meta.main")
    assert (stars.column("vmag").minimum, stars.column("bv").nulls) == (-1.440000057220459, 1143)
    assert "ESA 1997" in stars.citation
    assert objects.licence == "CC-BY-SA-4.0"


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    install_samples(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert install_samples(tmp_path) == ()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_two_starts_at_once_install_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [future.result() for future in [pool.submit(install_samples, tmp_path) for _ in range(2)]]
    assert sorted(both[0] + both[1]) == ["hipparcos", "openngc"]
    assert not list(tmp_path.glob(".incoming-*"))


def test_a_removed_sample_stays_away(tmp_path: Path) -> None:
    install_samples(tmp_path)
    CatalogRegistry(tmp_path).remove("openngc")
    forget("openngc", tmp_path)
    assert install_samples(tmp_path) == ()
    assert CatalogRegistry(tmp_path).names() == ("hipparcos",)
