"""What files say of catalogs and columns: notes beside sources, and declarations that are made so."""

from __future__ import annotations

from pathlib import Path

import pytest

from uraniborg_portal.catalogs import layout, versions
from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.apply import apply
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.errors import BadParameter

NOTES = """
title = "Stars"
licence = "CC0-1.0"
epoch = 2000.5
identifier = "hip"
[position]
ra = "alpha:hours"
dec = "delta"
[columns.mag]
unit = "mag"
ucd = "phot.mag"
description = "Brightness"
datatype = "float"
[columns.hip]
links = "https://archive.example/datalink"
"""
CSV = "hip,alpha,delta,mag\n7,1,10,5.5\n8,2,20,dim\n"


@pytest.fixture
def stars(tmp_path: Path) -> Path:
    (tmp_path / "stars.csv").write_text(CSV)
    (tmp_path / "stars.toml").write_text(NOTES)
    return tmp_path / "stars.csv"


def test_notes_beside_a_source(stars: Path, tmp_path: Path) -> None:
    catalog = add((stars,), Wishes(name="mine", title="My own"), tmp_path / "catalogs")
    assert (catalog.title, catalog.licence, catalog.position.epoch) == ("My own", "CC0-1.0", 2000.5)
    assert (catalog.identifier, catalog.rows, catalog.column("alpha").maximum) == ("hip", 1, 15)
    mag = catalog.column("mag")
    assert (mag.unit, mag.ucd, mag.description, mag.datatype) == ("mag", "phot.mag", "Brightness", "float")
    assert (catalog.column("hip").links, mag.links) == ("https://archive.example/datalink", None)


@pytest.mark.parametrize(
    ("notes", "match"),
    [
        ('titel = "x"', "titel: Extra inputs"),
        ('[columns.mag]\ndatatype = "real"', r"columns.mag.datatype: Input should be 'boolean'"),
        ('[columns.hip]\nlinks = "archive"', r"columns.hip.links: String should match"),
        ("= x", "can't be read"),
    ],
)
def test_mistakes_are_a_sentence(stars: Path, tmp_path: Path, notes: str, match: str) -> None:
    stars.with_suffix(".toml").write_text(notes)
    with pytest.raises(BadParameter, match=match):
        add((stars,), Wishes(name="mine"), tmp_path / "catalogs")
    assert not list((tmp_path / "catalogs").iterdir())


@pytest.mark.parametrize("suffix", [".toml", ".yaml"])
def test_a_declaration_is_made_so(stars: Path, tmp_path: Path, suffix: str) -> None:
    file, folder = tmp_path / f"declared{suffix}", tmp_path / "catalogs"
    toml = 'name = "mine"\nsources = ["st*.csv"]\n' + NOTES + "[options]\nmargin_arcsec = 30\n"
    text = "name: mine\nsources: ['st*.csv']\nposition: {ra: 'alpha:hours', dec: delta}\noptions: {margin_arcsec: 30}\n"
    file.write_text(toml if suffix == ".toml" else text)
    stars.with_suffix(".toml").unlink()
    first = apply(file, folder)
    assert (first.changed, first.catalog.rows) == (True, 1 if suffix == ".toml" else 2)
    assert not apply(file, folder).changed
    stars.write_text(CSV + "9,3,30,7\n")
    second = apply(file, folder)
    assert (second.changed, second.catalog.rows) == (True, first.catalog.rows + 1)
    file.write_text(file.read_text().replace("30", "40"))
    assert apply(file, folder).changed
    assert versions.current(folder, "mine") == 3
    assert not apply(file, folder).changed


def test_an_interrupted_one_is_gone_on_with(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.csv").write_text(f"id,ra,dec\n{number},{number * 50},{number}\n")
    file, heard = tmp_path / "declared.toml", []
    file.write_text('name = "mine"\nsources = ["?.csv"]\n')

    class Interrupted(BaseException):
        pass

    def interrupt(stage: str, part: float) -> None:
        if stage == "Reading" and part > 0.4:
            raise Interrupted

    with pytest.raises(Interrupted):
        apply(file, tmp_path / "catalogs", Steps(progress=interrupt))
    applied = apply(file, tmp_path / "catalogs", Steps(progress=lambda stage, part: heard.append((stage, part))))
    assert applied.catalog.rows == 6
    assert [part for stage, part in heard if stage == "Reading"] == pytest.approx([4 / 6, 5 / 6, 1])
    assert (layout.version_folder(tmp_path / "catalogs", "mine", 1) / "applied").is_file()
