"""When a lab was last used: by a person at its pages, or by a program that computes in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.web import OutputTransform

READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that do not count as use: an open page asks its server by itself, whether or not somebody sits before it."""
LAYOUT = "/lab/api/"
"""Nor do requests below this path: an open page saves its layout every ten seconds."""
CLIENT_ERROR = 400
TERMINALS = "terminal_last_activity"
"""Where Jupyter's terminals note when something was typed or printed."""


class Activity:
    """The last use of a lab, from what its server sees.

    Kernels: each message that one sends, and all the time while one is busy. Terminals: what is typed and printed.
    Requests that change something (saving, starting, removing); `seen` for everything else.
    """

    def __init__(self, kernels: MappingKernelManager, settings: Mapping[str, Any]) -> None:
        self.kernels, self.settings = kernels, settings
        self.latest = now()

    def seen(self) -> None:
        """Count this moment as use."""
        self.latest = now()

    def last(self) -> datetime:
        """Give the moment of the last use; now, while a kernel computes."""
        kernels = (self.kernels.get_kernel(each) for each in self.kernels.list_kernel_ids())
        if any(getattr(kernel, "execution_state", "") == "busy" for kernel in kernels):
            self.seen()
        typed: datetime = self.settings.get(TERMINALS, self.latest)
        return max(self.latest, self.kernels.last_kernel_activity, typed)


def counting(seen: Callable[[], None]) -> type[OutputTransform]:
    """Give a transform of responses that changes none, and calls `seen` after each request that changed something."""

    class Counting(OutputTransform):
        def __init__(self, request: HTTPServerRequest) -> None:
            self.changes = request.method not in READING and LAYOUT not in request.path

        def transform_first_chunk(
            self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
        ) -> tuple[int, HTTPHeaders, bytes]:
            if self.changes and status_code < CLIENT_ERROR:
                seen()
            return status_code, headers, chunk

    return Counting


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)
