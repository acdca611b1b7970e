"""Instruments, jobs and products over HTTP, with the real GW150914."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

if TYPE_CHECKING:
    from conftest import Portal


@pytest.fixture(scope="module")
def strain(observatory: Portal) -> dict[str, Any]:
    """The product of the defaults: whitened strain of H1."""
    job = observatory.finish("gw")
    assert job["state"] == "done", job
    product: dict[str, Any] = observatory.get(f"products/{job['product']}").json()
    return product


def fact(product: dict[str, Any], name: str) -> float:
    """The value of a fact."""
    return next(float(each["value"]) for each in product["facts"] if each["name"] == name)


def test_lists_and_describes(observatory: Portal) -> None:
    cards = {card["name"]: card for card in observatory.get("instruments", user="").json()}
    assert {"gw", "sundial"} <= cards.keys()
    described = observatory.get("instruments/gw", user="").json()
    assert [product["name"] for product in described["products"]] == [
        "strain",
        "spectrogram",
        "skymap",
        "matched_filter",
    ]
    assert described["schema"]["properties"]["event"]["default"] == "GW150914"
    picture = observatory.get("instruments/gw/picture", user="")
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    unknown = observatory.get("instruments/gv", user="")
    assert (unknown.status_code, unknown.json()["field"]) == (404, "name")


def test_the_defaults_give_the_peak_of_gw150914(strain: dict[str, Any]) -> None:
    assert fact(strain, "peak_time") == pytest.approx(1126259462.42, abs=0.01)
    assert 6 < abs(fact(strain, "peak")) < 10
    assert strain["summary"]["Largest value in 35 to 350 Hz"].endswith("sigma")
    assert strain["licence"] == "CC-BY-4.0"
    assert "gwosc.org" in strain["citation"]
    assert "gw/strain/H-H1_LOSC_4_V2-1126259446-32.hdf5" in strain["provenance"]["inputs"]
    assert strain["provenance"]["libraries"]["gwpy"]


def test_files_download_whole(observatory: Portal, strain: dict[str, Any]) -> None:
    contents = {}
    for entry in strain["files"]:
        answer = observatory.get(f"products/{strain['id']}/files/{entry['name']}", user="")
        assert answer.status_code == 200
        assert answer.headers["content-type"].split(";")[0] == entry["media_type"]
        assert answer.headers["content-disposition"] == f'attachment; filename="{entry["name"]}"'
        assert hashlib.sha256(answer.content).hexdigest() == entry["sha256"]
        assert len(answer.content) == entry["size"]
        contents[entry["name"].rsplit(".", 1)[1]] = answer.content
    text, binary = (
        Table.read(contents["ecsv"].decode(), format="ascii.ecsv"),
        fits.getdata(io.BytesIO(contents["fits"])),
    )
    assert len(text) == 2048
    np.testing.assert_allclose(text["strain"], binary["strain"])
    assert text["time"].unit == "s"


def test_the_view_is_bokehs_and_needs_no_script_of_ours(observatory: Portal, strain: dict[str, Any]) -> None:
    answer = observatory.get(f"products/{strain['id']}/view", user="")
    assert answer.json().keys() >= {"doc", "root_id"}
    for forbidden in ("CustomJS", "webgl", "FuncTickFormatter"):
        assert forbidden not in answer.text
    assert "Time (s) from GPS 1126259462.4" in answer.text


PRODUCTS = [
    ({"product": "spectrogram"}, {"fits": "application/fits", "png": "image/png"}),
    ({"product": "skymap"}, {"fits": "application/fits"}),
    ({"detector": "L1", "processing": "bandpassed"}, {"hdf5": "application/x-hdf5"}),
]


@pytest.mark.parametrize(("parameters", "kinds"), PRODUCTS)
def test_every_product_comes_with_its_files(
    observatory: Portal, parameters: dict[str, object], kinds: dict[str, str]
) -> None:
    job = observatory.finish("gw", **parameters)
    assert job["state"] == "done", job
    product = observatory.get(f"products/{job['product']}").json()
    found = {entry["name"].rsplit(".", 1)[1]: entry["media_type"] for entry in product["files"]}
    assert kinds.items() <= found.items()
    assert all(each["title"] for each in product["facts"])


def test_events_come_in_order_and_are_replayed(observatory: Portal) -> None:
    job = observatory.start("sundial", hour=10)["id"]
    live = observatory.events(job)
    assert [number for number, _, _ in live] == list(range(1, len(live) + 1))
    states = [data["state"] for _, kind, data in live if kind == "state"]
    assert states == ["queued", "running", "done"]
    fractions = [data["fraction"] for _, kind, data in live if kind == "progress"]
    assert fractions == sorted(fractions)
    assert observatory.events(job) == live
    for header, query in ((3, 0), (0, 3), (3, 1), (1, 3)):
        assert observatory.events(job, header, query) == live[3:]


def test_nobody_starts_jobs_without_signing_in(observatory: Portal) -> None:
    for path in ("instruments/gw/jobs", "jobs/0/cancel"):
        assert observatory.post(path, {}, user="").status_code == 401
    for path in ("jobs", "jobs/0", "jobs/0/events", "products"):
        assert observatory.get(path, user="").status_code == 401


def test_jobs_are_their_owners(observatory: Portal) -> None:
    job = observatory.finish("sundial", hour=11)["id"]
    assert job in {each["id"] for each in observatory.get("jobs").json()}
    assert job not in {each["id"] for each in observatory.get("jobs", user="sophie").json()}
    for answer in (
        observatory.get(f"jobs/{job}", user="sophie"),
        observatory.get(f"jobs/{job}/events", user="sophie"),
        observatory.post(f"jobs/{job}/cancel", user="sophie"),
    ):
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


HOSTILE_BODIES = [
    b"",
    b"[]",
    b"null",
    b'"text"',
    b"{",
    b'{"window": NaN}',
    b'{"window": Infinity}',
    b'{"window": 1e999}',
    b'{"event": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"window": "' + b"9" * 1_000_000 + b'"}',
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b'{"event": {"$ne": null}}',
    b"\xff\xfe",
]


@pytest.mark.parametrize("body", HOSTILE_BODIES, ids=lambda body: repr(body[:20]))
def test_hostile_bodies_are_refused_and_nothing_is_written(observatory: Portal, body: bytes) -> None:
    before = sorted((observatory.home / "portal" / "jobs").iterdir())
    answer = observatory.client.post(
        "http://testserver/services/portal/api/instruments/gw/jobs",
        content=body,
        headers={"x-user": "tycho", "content-type": "application/json"},
    )
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["message"]
    assert len(answer.text) < 1000
    assert sorted((observatory.home / "portal" / "jobs").iterdir()) == before


HOSTILE_PATHS = [
    "products/{id}/files/..%2Fproduct.json",
    "products/{id}/files/%2e%2e%2fproduct.json",
    "products/{id}/files/..%5Cproduct.json",
    "products/{id}/files/product.json",
    "products/{id}/files/%00",
    "products/{id}/files/" + "x" * 5000,
    "products/..%2F..%2Fportal.sqlite",
    "products/..%2F{id}",
    "products/{id}%00",
    "jobs/..%2F..%2Fx/events",
    "instruments/..%2Fgw",
    "instruments/__class__/picture",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS, ids=lambda path: path[:40])
def test_paths_lead_nowhere_else(observatory: Portal, strain: dict[str, Any], path: str) -> None:
    answer = observatory.get(path.format(id=strain["id"]))
    assert answer.status_code == 404, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30, "²"])
@pytest.mark.parametrize("way", ["header", "query"])
def test_the_last_event_that_was_heard_is_a_number(observatory: Portal, number: str, way: str) -> None:
    job = observatory.finish("sundial", hour=13)["id"]
    header = {"last-event-id": number.encode()} if way == "header" else {}
    answer = observatory.client.get(
        f"http://testserver/services/portal/api/jobs/{job}/events",
        headers={"x-user": "tycho", **header},
        params={"after": number} if way == "query" else {},
    )
    assert answer.status_code == 400
