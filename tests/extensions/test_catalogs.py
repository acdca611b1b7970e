"""Catalogs and their columns, as a live portal lists them."""

from __future__ import annotations

import pytest

import uraniborg as ub
from uraniborg._portal import Portal


def test_samples_are_listed_with_counts(portal: Portal) -> None:
    found = ub.catalogs()
    assert len(found.hipparcos) == 117_955
    assert found.hipparcos.epoch == 1991.25
    assert "263" in repr(found.hipparcos)
    assert "openngc" in found


def test_names_of_catalogs_and_columns_complete(portal: Portal) -> None:
    found = ub.catalogs()
    assert {"hipparcos", "openngc"} <= set(dir(found))
    assert {"ra", "dec", "parallax", "vmag"} <= set(dir(found.hipparcos))
    assert f"{found.hipparcos}.{found.hipparcos.vmag}" == "hipparcos.vmag"


def test_text_and_html_say_units_and_credit(portal: Portal) -> None:
    hipparcos = ub.catalogs().hipparcos
    assert "mas/yr" in repr(hipparcos)
    html = hipparcos._repr_html_()
    assert "pos.parallax" in html
    assert "ESA 1997" in html
    assert "117,955" in ub.catalogs()._repr_html_()


def test_unknown_catalog_gives_the_nearest(portal: Portal) -> None:
    with pytest.raises(ub.UraniborgError) as raised:
        ub.catalogs()["hiparcos"]
    assert raised.value.suggestions == ("hipparcos",)
