"""Addresses that people type, and answers of the portal."""

from __future__ import annotations

import pytest

from uraniborg import UraniborgError
from uraniborg._portal import Portal, base_of, segment


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("https://astro.example.org", "https://astro.example.org/services/portal/"),
        ("astro.example.org", "https://astro.example.org/services/portal/"),
        ("https://astro.example.org/hub/home", "https://astro.example.org/services/portal/"),
        ("https://example.org/astro/services/portal/catalogs/x", "https://example.org/astro/services/portal/"),
        ("http://127.0.0.1:8000/services/portal", "http://127.0.0.1:8000/services/portal/"),
        ("http://127.0.0.1:8000/services/portal/", "http://127.0.0.1:8000/services/portal/"),
    ],
)
def test_base_of_an_address(typed: str, base: str) -> None:
    assert base_of(typed) == base


@pytest.mark.parametrize("typed", ["", "ftp://example.org", "https://", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UraniborgError, match="not the address of a platform"):
        base_of(typed)


def test_nobody_there_is_a_sentence_with_a_remedy() -> None:
    with pytest.raises(UraniborgError, match="No portal answers") as raised:
        Portal("http://127.0.0.1:9/").get("api/me")
    assert "uraniborg up" in raised.value.remedy


def test_token_is_never_shown() -> None:
    assert "s3cret" not in repr(Portal("http://127.0.0.1:9/", "s3cret"))


@pytest.mark.parametrize(("name", "path"), [("a/../b", "a%2F..%2Fb"), ("x?y#z", "x%3Fy%23z"), ("gw", "gw")])
def test_a_name_is_one_piece_of_a_path(name: str, path: str) -> None:
    assert segment(name) == path


def test_refusal_of_the_portal_has_its_words(portal: Portal) -> None:
    with pytest.raises(UraniborgError) as raised:
        portal.get("api/catalogs/no_such_catalog")
    assert raised.value.code == "not_found"
    assert "no_such_catalog" in raised.value.message
