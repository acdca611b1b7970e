"""`uraniborg serve` as a person runs it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from uraniborg_portal.identity.models import HubService
from uraniborg_portal.serve import address, listen
from uraniborg_portal.settings import Settings

HUB = {
    "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:4321/services/portal/",
}


def test_the_hub_says_where_to_listen() -> None:
    settings = Settings(host="127.0.0.2", port=99)
    assert address(settings, None) == ("127.0.0.2", 99)
    assert address(settings, HubService.from_environment(HUB)) == ("127.0.0.1", 4321)


async def test_an_answer_is_sent_without_a_wait_for_acknowledgements() -> None:
    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        found.set_result(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    sock = listen("127.0.0.1", 0)
    async with await asyncio.start_server(connected, sock=sock):
        _, writer = await asyncio.open_connection(*sock.getsockname())
        assert await found == 1
        writer.close()


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command until the test is done with it."""
    argv = [sys.executable, "-m", "uraniborg.cli", "serve", *arguments]
    environment = {**os.environ, "URANIBORG_HOME": str(home), "URANIBORG_NETWORK": "0"}
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_answers_and_ends(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path, "--port", "0") as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        url = found[0]
        answer = httpx.get(f"{url}api/resolve", params={"name": "M42"}, trust_env=False, verify=False, timeout=30)
        assert answer.json()["name"] == "M42"
        assert httpx.get(f"{url}api/queries", trust_env=False, verify=False).status_code == 401
        process.send_signal(number)
        assert process.wait(20) in (0, -number, 128 + number)


def test_a_quiet_connection_of_the_proxy_stays_open(tmp_path: Path) -> None:
    """Uvicorn ends it after 5 s; a request that the proxy sends at that moment is a 503 in the page."""
    with serving(tmp_path, "--port", "0") as process:
        assert process.stdout is not None
        found = re.search(r"http://([\d.]+):(\d+)(/\S+)", process.stdout.readline())
        assert found
        host, port, path = found.groups()
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(f"GET {path}api/health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            connection.settimeout(6)
            with pytest.raises(TimeoutError):
                while connection.recv(65536):  # the rest of the answer
                    pass


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with serving(tmp_path, "--port", str(holder.getsockname()[1])) as process:
            _, words = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "can't listen on 127.0.0.1" in words
    assert "Traceback" not in words


def test_state_of_a_newer_version_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("2\n")
    with serving(tmp_path, "--port", "0") as process:
        _, words = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "newer version" in words
    assert "Traceback" not in words
