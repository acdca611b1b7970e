"""The lab's page's way to the portal, asked of a real server of a lab; whole ways are in tests/extensions/lab."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from uraniborg_hub.lab import portal

HEADERS = {"Authorization": "token secret"}


@pytest.fixture
async def url(lab_server: Callable[..., AbstractAsyncContextManager[str]]) -> AsyncIterator[str]:
    """The way to a portal that does not answer."""
    known = {"URANIBORG_PORTAL_URL": "http://127.0.0.1:9/services/portal/", "JUPYTERHUB_API_TOKEN": "t"}
    async with lab_server(portal, known) as url:
        yield f"{url}uraniborg/portal/"


@pytest.mark.parametrize("path", ["api/instruments", "queries/3f-a_1/notebook.ipynb", "products/3f/notebook.ipynb"])
async def test_a_portal_that_does_not_answer_is_said(url: str, path: str) -> None:
    answer = await AsyncHTTPClient().fetch(url + path, headers=HEADERS, raise_error=False)
    assert answer.code == 503
    assert json.loads(answer.body) == {"message": "The portal does not answer.", "remedy": "Try again in a minute."}


@pytest.mark.parametrize(
    "path",
    [
        "api/me", "api/instruments/isgri", "queries/3f/rows", "queries/../products/3f/notebook.ipynb",
        "queries/3f%2F..%2Fx/notebook.ipynb", "api/instruments%3Fa", "",
    ],
)  # fmt: skip
async def test_nothing_else_of_the_portal_is_asked(url: str, path: str) -> None:
    with pytest.raises(HTTPClientError, match="404"):
        await AsyncHTTPClient().fetch(url + path, headers=HEADERS)


async def test_who_may_not_enter_the_lab_learns_nothing(url: str) -> None:
    with pytest.raises(HTTPClientError, match="403"):
        await AsyncHTTPClient().fetch(f"{url}api/instruments")
