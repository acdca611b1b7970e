"""Which requests a cookie may sign."""

from __future__ import annotations

import pytest

from uraniborg_portal.errors import NotAllowed
from uraniborg_portal.identity.same_origin import check_same_origin

JSON = {"content-type": "application/json; charset=utf-8", "host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("HEAD", {"sec-fetch-site": "cross-site"}),
        ("POST", {**JSON, "sec-fetch-site": "same-origin"}),
        ("POST", {**JSON, "origin": "http://127.0.0.1:8000"}),
        ("DELETE", {"content-type": "application/octet-stream", "sec-fetch-site": "same-origin"}),
    ],
)
def test_requests_of_our_pages_pass(method: str, headers: dict[str, str]) -> None:
    check_same_origin(method, headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        JSON,
        {**JSON, "sec-fetch-site": "cross-site"},
        {**JSON, "sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8000"},
        {**JSON, "sec-fetch-site": "none"},
        {**JSON, "origin": "http://127.0.0.1:9000"},
        {**JSON, "origin": "null"},
        {**JSON, "origin": "http://["},
        {"content-type": "text/plain", "sec-fetch-site": "same-origin"},
        {"content-type": "multipart/form-data", "sec-fetch-site": "same-origin"},
    ],
)
def test_requests_that_another_site_could_send_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(NotAllowed):
        check_same_origin("POST", headers)
