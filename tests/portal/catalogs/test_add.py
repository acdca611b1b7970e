"""Files become catalogs: positions found, epoch and motions kept, nothing written where they can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.errors import BadParameter, Conflict

TEXT = """HIP,RAJ2000,DEJ2000,pmRA,pmDE,Vmag
1,00:00:00.22,+01:05:20.4,-5.20,-1.88,9.10
2,,,,,9.27
3,bad,10:00:00,,,6.61
"""


@pytest.fixture
def stars(tmp_path: Path) -> Path:
    path = tmp_path / "stars.csv"
    path.write_text(TEXT)
    return path


def test_a_csv_file_becomes_a_catalog(stars: Path, tmp_path: Path) -> None:
    heard: list[object] = []
    steps = Steps(
        found=lambda guess, left_out: heard.append(guess.ra_unit),
        progress=lambda stage, part: heard.append((stage, part)),
        aside=lambda asides: heard.extend((each.line, each.reason) for each in asides),
    )
    catalog = add((stars,), Wishes(name="mine", epoch=1991.25, title="My stars"), tmp_path / "catalogs", steps)
    assert heard == [
        "sexagesimal",
        ("Reading", 1.0),
        (4, "'RAJ2000' is 'bad': degrees in -360..360 are accepted"),
        ("Writing shards", 1.0),
        ("Indexing", 1.0),
    ]
    assert (catalog.rows, catalog.rows_without_position, catalog.title) == (1, 1, "My stars")
    assert (catalog.position.ra, catalog.position.dec, catalog.position.epoch) == ("RAJ2000", "DEJ2000", 1991.25)
    # Motions without a unit are not believed.
    assert catalog.position.pmra is None
    assert catalog.identifier == "HIP"
    assert (catalog.column("RAJ2000").unit, catalog.column("RAJ2000").ucd) == ("deg", "pos.eq.ra;meta.main")
    assert catalog.column("RAJ2000").minimum == pytest.approx(0.22 / 240)
    assert CatalogRegistry(tmp_path / "catalogs").get("mine") == catalog


def test_a_taken_name_is_refused_before_reading(stars: Path, tmp_path: Path) -> None:
    add((stars,), Wishes(name="mine"), tmp_path / "catalogs")
    with pytest.raises(Conflict):
        add((tmp_path / "nothing.csv",), Wishes(name="mine"), tmp_path / "catalogs")


def test_files_without_positions_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadParameter, match="columns are: a, b"):
        add((tmp_path / "t.csv",), Wishes(name="mine"), tmp_path / "catalogs")
    assert not list((tmp_path / "catalogs").iterdir())


@pytest.mark.parametrize("name", ["_healpix_29", "_HEALPIX_29"])
def test_the_name_of_the_index_is_no_columns(tmp_path: Path, name: str) -> None:
    path = tmp_path / "stars.csv"
    path.write_text(f"ra,dec,{name}\n1,2,3\n")
    with pytest.raises(BadParameter, match=rf"named '{name}'"):
        add((path,), Wishes(name="mine"), tmp_path / "catalogs")
    assert not list((tmp_path / "catalogs").iterdir())


def test_reserved_names_are_refused() -> None:
    with pytest.raises(BadParameter, match="reserved"):
        Wishes(name="where")


def test_whole_seconds_are_no_times_of_day(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("RA,Dec\n05:35:17,10:23:28\n23:59:59,-05:00:00\n")
    catalog = add((tmp_path / "t.csv",), Wishes(name="mine"), tmp_path / "catalogs")
    assert catalog.rows == 2
    assert catalog.column("RA").minimum == pytest.approx(83.8208333, abs=1e-6)
