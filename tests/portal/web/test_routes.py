"""Every page answers, says what it should, and brings nothing that its policy forbids."""

from __future__ import annotations

import re

import nbformat
import pytest
from fastapi.testclient import TestClient

HTML = {"Accept": "text/html"}
PAGES = {
    "": "What do you want to look at?",
    "sky?name=M42": "05h 35m 16.5s",
    "sky?name=GW150914": "1126259462.4",
    "sky?name=83.82 -5.39": "coordinates",
    "catalogs/hipparcos": "<h1>Hipparcos</h1>",
    "catalogs/openngc": "OpenNGC",
    "instruments/gw": "Strain, spectrogram",
    "remote": "The portal asks them as nobody",
    "queries": "this browser alone knows",
    "help": "pyvo.dal.TAPService",
    "api": "/api/catalogs/{name}/preview",
}
FAILURES = [
    ("sky?name=Betelgeux", 404, "Betelgeuse"),
    ("catalogs/hiparcos", 404, "hipparcos"),
    ("instruments/gv", 404, "gw"),
    ("queries/none", 404, ""),
    ("async/none", 404, "asynchronous query"),
    ("products/none", 404, ""),
    ("jobs/none", 401, ""),
    ("nowhere", 404, "home page"),
    ("sky?name=", 400, "printable characters"),
    ("sky?name=" + "x" * 5000, 400, "printable characters"),
    ("sky?name=%00%00", 400, "printable characters"),
    ("catalogs/..%2f..%2fetc", 404, ""),
    ("catalogs/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404, ""),
]


@pytest.mark.parametrize("path", PAGES)
def test_pages(portal: TestClient, path: str) -> None:
    answer = portal.get(path, headers=HTML)
    assert answer.status_code == 200
    assert PAGES[path] in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_inline_code_and_no_other_host(portal: TestClient, path: str) -> None:
    text = portal.get(path, headers=HTML).text
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert re.findall(r"<script(?![^>]* src=)[^>]*>", text) == re.findall(
        r'<script type="application/json"[^>]*>', text
    )
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert all(not re.match(r"(\w+:)?//", address) for address in addresses)
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", text))


@pytest.mark.parametrize(("path", "status", "words"), FAILURES)
def test_failures_are_pages_with_the_words_of_the_api(portal: TestClient, path: str, status: int, words: str) -> None:
    answer = portal.get(path, headers=HTML)
    assert answer.status_code == status
    assert '<h1 class="sentence">' in answer.text
    assert words in answer.text
    assert "<script>alert" not in answer.text


def test_catalogs_are_described_with_real_ranges(portal: TestClient) -> None:
    listed = {each["name"]: each for each in portal.get("api/catalogs").json()}
    assert set(listed) == {"hipparcos", "openngc"}
    assert (listed["hipparcos"]["rows"], listed["hipparcos"]["rows_without_position"]) == (117_955, 263)
    one = portal.get("api/catalogs/hipparcos").json()
    assert "ESA SP-1200" in one["citation"]
    assert one == listed["hipparcos"]
    magnitude = next(column for column in one["columns"] if column["name"] == "vmag")
    assert (magnitude["minimum"], magnitude["unit"]) == (pytest.approx(-1.44), "mag")
    picture = portal.get("api/catalogs/hipparcos/preview")
    assert picture.headers["content-type"] == "image/png"
    assert portal.get("api/catalogs/none").json()["error"] == "not_found"


def test_a_result_becomes_a_page_a_notebook_and_a_samp_page(portal: TestClient) -> None:
    adql = "SELECT TOP 5 hip, ra, dec FROM hipparcos"
    made = portal.post("api/queries", json={"adql": adql}).json()
    assert portal.get(f"queries/{made['id']}", headers=HTML).status_code == 200
    notebook = portal.get(f"queries/{made['id']}/notebook.ipynb")
    content = nbformat.reads(notebook.text, as_version=4)
    nbformat.validate(content)
    assert adql in content.cells[1].source
    samp = portal.get(f"queries/{made['id']}/samp", headers=HTML)
    assert "http://127.0.0.1:21012" in samp.headers["content-security-policy"]
    assert "21012" not in portal.get("", headers=HTML).headers["content-security-policy"]


def test_results_of_a_stranger_are_not_on_the_home_page(portal: TestClient) -> None:
    assert "My recent results" not in portal.get("", headers=HTML).text


def test_the_page_of_a_catalog_says_where_other_programs_read_it(portal: TestClient) -> None:
    text = portal.get("catalogs/hipparcos", headers=HTML).text
    shown = re.findall(r"<dd><code>http://testserver/services/portal/([^<]*)</code>", text)
    assert shown == ["tap", "scs/hipparcos", "api/catalogs/hipparcos/moc", "hips/hipparcos"]
    assert 'class="faces"' not in portal.get("help", headers=HTML).text
