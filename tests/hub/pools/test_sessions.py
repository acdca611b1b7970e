"""Sealed cookies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_hub.pools.sessions import Seal, challenge


def test_only_the_same_secret_opens() -> None:
    sealed = Seal("secret", 60).sealed({"token": "abc"})
    assert "abc" not in sealed
    assert Seal("secret", 60).opened(sealed) == {"token": "abc"}
    assert Seal("another", 60).opened(sealed) is None
    assert Seal("secret", -1).opened(sealed) is None


@given(st.text())
def test_other_text_opens_to_nothing(text: str) -> None:
    assert Seal("secret", 60).opened(text) is None


@pytest.mark.parametrize(
    ("verifier", "expected"),
    [("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")],
)
def test_the_challenge_is_that_of_the_standard(verifier: str, expected: str) -> None:
    """RFC 7636, appendix B."""
    assert challenge(verifier) == expected
