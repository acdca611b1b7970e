"""The parts of the OAuth flow that decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.identity.oauth import challenge, local_path

PREFIX = "/services/portal/"


def test_the_challenge_is_that_of_rfc_7636() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/services/portal/queries/abc?x=1#y", "/services/portal/queries/abc?x=1#y"),
        ("/services/portal/", PREFIX),
        ("", PREFIX),
        ("/hub/home", PREFIX),
        ("//evil.example/services/portal/", PREFIX),
        ("https://evil.example/services/portal/", PREFIX),
        ("/\\evil.example", PREFIX),
        ("/services/portal/\\..\\evil", PREFIX),
        ("/services/portal/../../evil", PREFIX),
        ("/services/portal/%2e%2E/%2e./hub/logout", PREFIX),
        ("javascript:alert(1)", PREFIX),
        ("/services/portal/\r\nSet-Cookie: a=b", PREFIX),
        ("http://[", PREFIX),
    ],
)
def test_only_paths_of_the_portal_follow_a_sign_in(path: str, expected: str) -> None:
    assert local_path(path, PREFIX) == expected


@given(st.text())
def test_nothing_leaves_the_portal(path: str) -> None:
    assert local_path(path, PREFIX).startswith(PREFIX)
    assert local_path(PREFIX + path, PREFIX).startswith(PREFIX)
