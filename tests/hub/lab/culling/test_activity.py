"""What counts as use of a lab: with a real kernel."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from uraniborg_hub.lab.culling.activity import TERMINALS, Activity, counting, now


async def test_a_kernel_that_computes_is_use_all_the_time() -> None:
    kernels = AsyncMappingKernelManager()
    kernel = await kernels.start_kernel()
    try:
        activity = Activity(kernels, {})
        client = kernels.get_kernel(kernel).client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        client.execute("import time; print('begun', flush=True); time.sleep(600)")
        while (await client.get_iopub_msg(timeout=60))["msg_type"] != "stream":
            await asyncio.sleep(0)
        async with asyncio.timeout(30):
            while kernels.get_kernel(kernel).execution_state != "busy":
                await asyncio.sleep(0.01)
        began = now()
        assert activity.last() >= began > kernels.last_kernel_activity
        client.stop_channels()
    finally:
        await kernels.shutdown_kernel(kernel, now=True)
    ended = activity.last()
    assert activity.last() == ended, "with no kernel left, asking is not use"


def test_terminals_and_what_is_seen_count() -> None:
    kernels = AsyncMappingKernelManager()
    typed = datetime.now(UTC) + timedelta(seconds=5)
    assert Activity(kernels, {TERMINALS: typed}).last() == typed
    activity = Activity(kernels, {})
    before = activity.last()
    activity.seen()
    assert activity.last() > before


@pytest.mark.parametrize(
    ("method", "path", "status", "counts"),
    [
        ("GET", "api/contents", 200, False),
        ("HEAD", "api/kernels", 200, False),
        ("PUT", "api/contents/a.ipynb", 200, True),
        ("POST", "api/sessions", 201, True),
        ("DELETE", "api/kernels/1", 204, True),
        ("POST", "api/contents", 403, False),
        ("PUT", "lab/api/workspaces/default", 204, False),
    ],
)
def test_requests_that_change_something_count(method: str, path: str, status: int, counts: bool) -> None:
    seen: list[bool] = []
    transform = counting(lambda: seen.append(True))(
        HTTPServerRequest(
            start_line=RequestStartLine(method, f"/user/tycho/{path}", "HTTP/1.1"), headers=HTTPHeaders({"Host": "lab"})
        )
    )
    headers = HTTPHeaders({"Content-Type": "text/html"})
    assert transform.transform_first_chunk(status, headers, b"x", True) == (status, headers, b"x")
    assert bool(seen) is counts
