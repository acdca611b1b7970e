"""FITS tables as others write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from uraniborg_portal.catalogs.readers import fits as reader


def test_nulls_text_and_array_columns(tmp_path: Path) -> None:
    columns = [
        fits.Column("ra", "D", unit="deg", array=[1.0, 2.0]),
        fits.Column("n", "J", null=-99, array=[5, -99]),
        fits.Column("name", "8A", array=["x ", "y"]),
        fits.Column("flux", "3E", array=np.zeros((2, 3))),
    ]
    path = tmp_path / "t.fits"
    fits.BinTableHDU.from_columns(columns).writeto(path)
    source = reader.read(path)
    assert source.left_out == ("flux",)
    assert source.table.to_pydict() == {"ra": [1.0, 2.0], "n": [5, None], "name": ["x", "y"]}
    assert source.notes["ra"].unit == "deg"


def test_images_are_no_tables(tmp_path: Path) -> None:
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(tmp_path / "i.fits")
    with pytest.raises(ValueError, match="only images"):
        reader.read(tmp_path / "i.fits")


def test_astropy_tables_are_read(tmp_path: Path) -> None:
    Table({"ra": [1.0], "name": ["e"], "ok": [True]}).write(tmp_path / "t.fits")
    assert reader.read(tmp_path / "t.fits").table.to_pydict() == {"ra": [1.0], "name": ["e"], "ok": [True]}
