"""Where the portal says that it is: as the browser or program came to the first proxy, wherever TLS ends."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

PATHS = (
    "tap/capabilities",
    "datalink/links?ID=ivo://uraniborg.unregistered/tap?density/hipparcos",
    "tap/sync?FORMAT=csv&QUERY=SELECT access_url FROM ivoa.obscore",
    "hips/hipparcos/properties",
    "help",
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("said", "scheme"), [(None, "http"), ("https", "https"), ("HTTPS, http", "https"), ("javascript", "http")]
)
def test_addresses_begin_as_the_first_proxy_was_reached(
    portal: TestClient, path: str, said: str | None, scheme: str
) -> None:
    headers = {"Host": "sky.example.org", **({"X-Forwarded-Proto": said} if said else {})}
    answer = portal.get(path, headers=headers, follow_redirects=False)
    found = set(re.findall(r"(\w+)://sky\.example\.org", answer.text + answer.headers.get("location", "")))
    assert found == {scheme}


def test_a_job_is_where_its_maker_came_from(portal: TestClient) -> None:
    headers = {"Host": "sky.example.org", "X-Forwarded-Proto": "https"}
    made = portal.post("tap/async", data={"QUERY": "SELECT 1 AS n"}, headers=headers, follow_redirects=False)
    assert made.headers["location"].startswith("https://sky.example.org/")
