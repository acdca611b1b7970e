"""The routes of a lab's server, asked of a real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError

from uraniborg_hub.lab.culling.rules import rules, variables
from uraniborg_hub.lab.notices import extension

HEADERS = {"Authorization": "token secret"}


@pytest.fixture
async def url(lab_server: Callable[..., AbstractAsyncContextManager[str]]) -> AsyncIterator[str]:
    """The address of a lab's server that a culler watches, whose hub is gone."""
    known = {
        **variables(rules(3600, 300, 0, 3600)),
        "JUPYTERHUB_ACTIVITY_URL": "http://127.0.0.1:9/activity",
        "JUPYTERHUB_API_TOKEN": "t",
    }
    async with lab_server(extension, known) as url:
        yield f"{url}uraniborg/"


async def test_a_page_learns_what_there_is_and_when_to_ask_again(url: str) -> None:
    client = AsyncHTTPClient()
    told = json.loads((await client.fetch(f"{url}notices", headers=HEADERS)).body)
    assert told == {"notices": [], "again": 300, "use": 1650}
    used = await client.fetch(f"{url}activity", method="POST", body="", headers=HEADERS)
    assert json.loads(used.body) == told


@pytest.mark.parametrize(("path", "method"), [("notices", "GET"), ("activity", "POST")])
async def test_who_may_not_enter_the_lab_learns_nothing(url: str, path: str, method: str) -> None:
    with pytest.raises(HTTPClientError, match="403"):
        await AsyncHTTPClient().fetch(url + path, method=method, body="" if method == "POST" else None)
