"""Scripts and styles come from us, and nothing else does."""

from __future__ import annotations

import bokeh
import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("static/site.css", "text/css"),
        ("static/page.js", "text/javascript"),
        ("static/browse/browse.js", "text/javascript"),
        ("static/icons/uraniborg.svg", "image/svg+xml"),
        (f"static/bokeh/bokeh-{bokeh.__version__}.min.js", "text/javascript"),
        ("static/modules.json", "application/json"),
    ],
)
def test_files(portal: TestClient, path: str, media_type: str) -> None:
    answer = portal.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)


@pytest.mark.parametrize(
    "path",
    ["static/..%2froutes.py", "static/%2e%2e/page.py", "static/none.js", "static/bokeh/bokeh-1.min.js", "static/"],
)
def test_nothing_else(portal: TestClient, path: str) -> None:
    assert portal.get(path).status_code == 404


def test_a_browser_that_has_the_file_gets_no_body(portal: TestClient) -> None:
    first = portal.get("static/page.js")
    again = portal.get("static/page.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_listed_module_is_there(portal: TestClient) -> None:
    listed = portal.get("static/modules.json").json()
    assert listed["browse"][0] == "browse/browse.js"
    for path in {*listed["browse"], *listed["instrument"]}:
        assert portal.get(f"static/{path}").status_code == 200
