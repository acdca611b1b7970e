"""The routes of a lab's server, asked of a real one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from uraniborg_hub.lab.culling.rules import rules, variables
from uraniborg_hub.lab.notices import extension

HEADERS = {"Authorization": "token secret"}


@pytest.fixture
async def url(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> AsyncIterator[str]:
    """The address of a lab's server that a culler watches, whose hub is gone."""
    known = {
        **variables(rules(3600, 300, 0, 3600)),
        "JUPYTERHUB_ACTIVITY_URL": "http://127.0.0.1:9/activity",
        "JUPYTERHUB_API_TOKEN": "t",
        "JUPYTER_CONFIG_DIR": str(tmp_path),
        "JUPYTER_RUNTIME_DIR": str(tmp_path),
        "JUPYTER_DATA_DIR": str(tmp_path),
    }
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    server = ServerApp(jpserver_extensions={extension.__name__: True}, root_dir=str(tmp_path), allow_root=True)
    server.initialize(argv=["--IdentityProvider.token=secret"], new_httpserver=False)
    socket, port = bind_unused_port()
    http = HTTPServer(server.web_app)
    http.add_sockets([socket])
    yield f"http://127.0.0.1:{port}{server.base_url}uraniborg/"
    http.stop()
    await server.extension_manager.stop_all_extensions()
    ServerApp.clear_instance()


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
