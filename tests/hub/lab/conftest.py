"""Real servers of labs, with one extension of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import ModuleType

import pytest
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port


@pytest.fixture
def lab_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[ModuleType, Mapping[str, str]], AbstractAsyncContextManager[str]]:
    """Serves a lab with an extension and variables; its address ends with a slash, its token is `secret`."""

    @asynccontextmanager
    async def serve(extension: ModuleType, variables: Mapping[str, str]) -> AsyncIterator[str]:
        folders = dict.fromkeys(("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR"), str(tmp_path))
        for name, value in {**folders, **variables}.items():
            monkeypatch.setenv(name, value)
        server = ServerApp(jpserver_extensions={extension.__name__: True}, root_dir=str(tmp_path), allow_root=True)
        server.initialize(argv=["--IdentityProvider.token=secret"], new_httpserver=False)
        socket, port = bind_unused_port()
        http = HTTPServer(server.web_app)
        http.add_sockets([socket])
        yield f"http://127.0.0.1:{port}{server.base_url}"
        http.stop()
        await server.extension_manager.stop_all_extensions()
        ServerApp.clear_instance()

    return serve
