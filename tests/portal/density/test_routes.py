"""Coverages and HiPS over HTTP, as their readers ask for them, and only for readers of the catalog."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import astropy.units as u
import numpy as np
import pyarrow as pa
import pytest
from astropy.io import fits
from astropy.table import Table
from cdshealpix import nested
from fastapi import FastAPI
from mocpy import MOC
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient

from uraniborg_portal.catalogs.adopt import adopt_remote
from uraniborg_portal.catalogs.install import Entry, install
from uraniborg_portal.catalogs.models import Position, Readers
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Wishes
from uraniborg_portal.main import create_app
from uraniborg_portal.settings import Settings


@pytest.fixture(scope="module")
def stars(portal: TestClient) -> Table:
    query = {"QUERY": "SELECT ra, dec FROM hipparcos", "FORMAT": "fits", "MAXREC": "200000"}
    return Table.read(io.BytesIO(portal.get("tap/sync", params=query).content))


def test_mocpy_reads_the_coverage_of_a_listening_portal(
    portal_home: Path, serve: Callable[[FastAPI], AbstractContextManager[str]], stars: Table
) -> None:
    with serve(create_app(Settings(home=portal_home, network=False))) as url:
        moc = MOC.from_url(f"{url}/services/portal/api/catalogs/hipparcos/moc")
    assert moc.max_order == 10
    expected = MOC.from_lonlat(stars["ra"].quantity.to(u.deg), stars["dec"].quantity.to(u.deg), max_norder=10)
    assert moc == expected


def test_coverages_of_coarser_orders_and_in_json(portal: TestClient) -> None:
    fine = portal.get("api/catalogs/openngc/moc", params={"format": "json"})
    assert fine.headers["content-type"] == "application/json"
    assert fine.headers["access-control-allow-origin"] == "*"
    coarse = portal.get("api/catalogs/openngc/moc?format=json&order=4")
    mocs = [MOC.from_string(answer.text, "json") for answer in (fine, coarse)]
    assert mocs[1] == mocs[0].degrade_to_order(4)
    assert portal.get("api/catalogs/openngc/moc?order=11").status_code == 400
    assert portal.get("api/catalogs/openngc/moc?format=png").status_code == 400


def properties_of(text: str) -> dict[str, str]:
    return {name.strip(): value.strip() for name, _, value in (line.partition("=") for line in text.splitlines())}


@pytest.mark.parametrize("path", ["hips/hipparcos", "hips/hipparcos/", "hips/HIPPARCOS"])
def test_its_address_leads_to_what_it_says_of_itself(portal: TestClient, path: str) -> None:
    assert portal.get(path).text == portal.get("hips/hipparcos/properties").text


def test_what_a_hips_says_of_itself(portal: TestClient) -> None:
    said = properties_of(portal.get("hips/hipparcos/properties").text)
    needed = ("creator_did", "obs_title", "dataproduct_type", "hips_version", "hips_release_date", "hips_status")
    assert all(said[name] for name in needed)
    assert (said["hips_frame"], said["hips_order"], said["hips_tile_width"]) == ("equatorial", "3", "512")
    listed = [properties_of(record) for record in portal.get("hips/hipslist").text.split("\n\n")]
    assert {each["hips_service_url"].rpartition("/")[2] for each in listed} == {"hipparcos", "openngc"}
    assert all(said[name] == listed[0][name] for name in listed[0])
    shown = MOC.from_fits(io.BytesIO(portal.get("hips/hipparcos/Moc.fits").content))
    assert float(said["moc_sky_fraction"]) == pytest.approx(shown.sky_fraction, abs=1e-6)
    assert shown.sky_fraction > 0.99


@pytest.mark.parametrize("order", [0, 2, 3])
def test_fits_tiles_count_every_star_where_it_is(portal: TestClient, stars: Table, order: int) -> None:
    lon, lat = stars["ra"].quantity.to(u.deg), stars["dec"].quantity.to(u.deg)
    cells = nested.lonlat_to_healpix(lon, lat, order + 9).astype(np.int64)
    pixel = int(cells[0] >> 18)
    answer = portal.get(f"hips/hipparcos/Norder{order}/Dir0/Npix{pixel}.fits")
    assert answer.headers["content-type"] == "application/fits"
    tile = fits.getdata(io.BytesIO(answer.content))
    inside = cells[cells >> 18 == pixel] - (pixel << 18)
    assert tile.shape == (512, 512) and tile.sum() == len(inside)
    bits = np.arange(9)
    column, row = ((((inside[:, None] >> (2 * bits + odd)) & 1) << bits).sum(axis=1) for odd in (1, 0))
    assert (tile[511 - row, column] >= 1).all()


def test_pictures(portal: TestClient) -> None:
    for path, size in (("Norder3/Allsky.png", (1728, 1856)), ("Norder1/Dir0/Npix20.png", (512, 512))):
        for _ in range(2):
            answer = portal.get(f"hips/hipparcos/{path}")
            assert answer.headers["content-type"] == "image/png"
            image = Image.open(io.BytesIO(answer.content))
            assert image.size == size and len(image.convert("RGB").getcolors(100_000) or ()) > 20
    whole = fits.getdata(io.BytesIO(portal.get("hips/hipparcos/Norder3/Allsky.fits").content))
    assert whole.sum() == 117_955


@pytest.mark.parametrize(
    "path",
    [
        "Norder4/Dir0/Npix0.png",
        "Norder0/Dir0/Npix12.png",
        "Norder0/Dir10000/Npix1.png",
        "Norder3/Dir0/Npix1.jpg",
        "Norder99/Dir0/Npix9999999999.fits",
        "../../hipparcos",
        "x",
    ],
)
def test_what_is_no_tile_is_not_found(portal: TestClient, path: str) -> None:
    answer = portal.get(f"hips/hipparcos/{path}")
    assert answer.status_code == 404
    assert not path.startswith("Norder") or answer.headers["access-control-allow-origin"] == "*"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[TestClient]:
    """A portal with a small catalog, and one that is hidden."""
    table = pa.table({"ra": [10.0, 10.1], "dec": [5.0, 5.1]})
    for name, readers in (("few", None), ("hidden", Readers(groups=("staff",)))):
        entry = Entry(name=name, title=name, position=Position(ra="ra", dec="dec"), readers=readers)
        install(table, entry, tmp_path / "portal" / "catalogs")
    with TestClient(create_app(Settings(home=tmp_path, network=False)), raise_server_exceptions=False) as client:
        client.base_url = client.base_url.join("/services/portal/")
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "api/catalogs/hidden/moc",
        "hips/hidden",
        "hips/hidden/properties",
        "hips/hidden/Moc.fits",
        "hips/hidden/Norder3/Allsky.png",
    ],
)
def test_a_hidden_catalog_covers_nothing(small: TestClient, path: str) -> None:
    answer = small.get(path)
    assert answer.status_code == 404 and "No catalog is named" in answer.text
    assert "hidden" not in small.get("hips/hipslist").text


def test_what_is_kept_goes_with_its_catalog(small: TestClient, tmp_path: Path) -> None:
    kept = tmp_path / "portal" / "densities"
    assert small.get("hips/few/Norder3/Allsky.png").status_code == 200
    (place,) = kept.glob("few/*")
    assert {path.name for path in place.iterdir()} == {"counts.npz", "Allsky.png"}
    (place / "counts.npz").write_bytes(b"damaged")
    catalogs = tmp_path / "portal" / "catalogs"
    with TestClient(create_app(Settings(home=tmp_path, network=False))) as again:
        assert again.get("/services/portal/hips/few/properties").status_code == 200
        CatalogRegistry(catalogs).remove("few")
        table = pa.table({"ra": [200.0], "dec": [-5.0]})
        install(table, Entry(name="few", title="Few", position=Position(ra="ra", dec="dec")), catalogs)
        moc = MOC.from_string(again.get("/services/portal/api/catalogs/few/moc?format=json").text, "json")
        assert moc.contains_lonlat([200] * u.deg, [-5] * u.deg).all() and len(moc.flatten()) == 1
    assert place not in set(kept.glob("few/*"))


def test_a_catalog_on_another_host_has_a_coverage_and_a_picture_but_no_hips(
    portal: TestClient, portal_home: Path, serve: Callable[[Starlette], AbstractContextManager[str]], tmp_path: Path
) -> None:
    theirs = CatalogRegistry(portal_home / "portal" / "catalogs").collection("hipparcos").root
    with serve(Starlette(routes=[Mount("/", StaticFiles(directory=theirs))])) as url:
        adopt_remote(url, Wishes(name="hipparcos"), tmp_path / "portal" / "catalogs")
    # The host is gone: nothing here needs it.
    app = create_app(Settings(home=tmp_path, network=False))
    with TestClient(app, base_url="http://testserver/services/portal/") as there:
        coverage = MOC.from_string(there.get("api/catalogs/hipparcos/moc?format=json").text, "json")
        local = MOC.from_string(portal.get("api/catalogs/hipparcos/moc?format=json&order=6").text, "json")
        assert coverage == local
        assert there.get("api/catalogs/hipparcos/preview").headers["content-type"] == "image/png"
        assert "hips/hipparcos" not in there.get("hips/hipslist").text
        assert "hips/hipparcos" not in there.get("catalogs/hipparcos").text
        refused = there.get("hips/hipparcos/properties")
        assert (refused.status_code, "another host" in refused.text) == (404, True)
        query = {"LANG": "ADQL", "QUERY": "SELECT obs_id FROM ivoa.obscore", "RESPONSEFORMAT": "csv"}
        assert "hipparcos" not in there.get("tap/sync", params=query).text
        assert "hipparcos" in portal.get("tap/sync", params=query).text
    assert "hips/hipparcos" in portal.get("catalogs/hipparcos").text
