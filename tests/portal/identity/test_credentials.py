"""What an Authorization header may hold."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uraniborg_portal.errors import SignInNeeded
from uraniborg_portal.identity.credentials import token_of_header


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer   abc ", "abc"),
        ("token abc", "abc"),
        (basic("tycho:abc"), "abc"),
        (basic(":abc"), "abc"),
        (basic("a:b:c"), "b:c"),
    ],
)
def test_tokens_are_found(header: str, token: str) -> None:
    assert token_of_header(header) == token


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Digest x",
        "Basic",
        "Basic ???",
        basic("nocolon"),
        basic("u:"),
        "Bearer é",
        "Bearer " + "x" * 513,
    ],
)
def test_everything_else_is_refused(header: str) -> None:
    with pytest.raises(SignInNeeded):
        token_of_header(header)


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    try:
        assert token_of_header(header).isprintable()
    except SignInNeeded as refusal:
        assert refusal.remedy
