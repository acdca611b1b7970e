"""Paths that the portal builds."""

from __future__ import annotations

import pytest

from uraniborg_portal import links


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (links.catalog_page("hipparcos"), "catalogs/hipparcos"),
        (links.query_page("a b"), "queries/a%20b"),
        (links.instrument_page("gw"), "instruments/gw"),
        (links.job_page("1"), "jobs/1"),
        (links.product_page("<x>"), "products/%3Cx%3E"),
    ],
)
def test_paths(path: str, expected: str) -> None:
    assert path == expected
