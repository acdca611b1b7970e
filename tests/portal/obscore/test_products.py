"""Descriptions of products as datasets."""

from __future__ import annotations

from typing import Any

from uraniborg_portal.obscore.models import Link, Observation
from uraniborg_portal.obscore.products import dataset_of
from uraniborg_portal.obscore.rows import Site, row_of

FILE = {"name": "a b.fits", "media_type": "application/fits", "description": "All", "size": 1001}
OLD: dict[str, Any] = {
    "id": "0f", "instrument": "gw", "title": "Of an older version", "created": 1e9, "files": [FILE],
    "provenance": {"inputs": {"no/such/file": "00", "gw/strain/GW150914_4_template.hdf5": "11"}},
}  # fmt: skip
SITE = Site(portal="https://hub.example/services/portal/", authority="org.example")


def test_one_of_an_older_version_has_what_is_known_of_it() -> None:
    dataset = dataset_of(OLD)
    assert dataset.observation == Observation()
    assert dataset.itself == dataset.files == (
        Link(url="api/products/0f/files/a%20b.fits", semantics="#this", content_type="application/fits", size=1001,
             description="All"),
    )  # fmt: skip
    row = row_of(dataset, SITE)
    assert row["access_url"] == "https://hub.example/services/portal/api/products/0f/files/a%20b.fits"
    assert (row["access_format"], row["access_estsize"]) == ("application/fits", 2)
    assert (row["obs_publisher_did"], row["obs_id"]) == ("ivo://org.example/tap?products/0f", "0f")
    assert (row["obs_creation_date"], row["calib_level"]) == ("2001-09-09T01:46:40", 3)
    assert row["dataproduct_type"] is None


def test_files_that_belong_to_it_make_it_more_than_one() -> None:
    said = {"dataproduct_type": "image", "calib_level": 4, "s_ra": 10.0}
    preview = {**FILE, "name": "a.png", "media_type": "image/png", "semantics": "#preview-plot"}
    dataset = dataset_of({**OLD, "files": [FILE, preview], "observation": said})
    assert dataset.observation == Observation(dataproduct_type="image", calib_level=4, s_ra=10.0)
    row = row_of(dataset, SITE)
    assert row["access_format"] == "application/x-votable+xml;content=datalink"
    assert row["access_url"] == (
        "https://hub.example/services/portal/datalink/links?ID=ivo%3A%2F%2Forg.example%2Ftap%3Fproducts%2F0f"
    )
    assert row["access_estsize"] == 2


def test_public_data_files_are_its_progenitors() -> None:
    (progenitor,) = [link for link in dataset_of(OLD).links if link.semantics == "#progenitor"]
    assert progenitor.url.startswith("https://") and SITE.at(progenitor.url) == progenitor.url
