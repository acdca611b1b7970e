"""Many people who use the portal at a time, and ask once more where no good answer came: how that went for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

SERVER_ERROR = 500
AGAIN_SECONDS = 5.0
"""How long someone waits before asking once more: as long as the portal's own refusals ask for (Retry-After)."""
THINK_SECONDS = 2.0
"""How long someone looks at an answer."""
ROWS = 25
ADQL = "SELECT TOP 25 hip, ra, dec, vmag FROM hipparcos WHERE vmag < 5"


@dataclass(kw_only=True)
class Visitor:
    """One of them, with connections of their own."""

    http: httpx.Client
    """Leads to the portal, signed in."""
    job: str = ""
    """An instrument job that they look after, once they have one."""
    good: int = 0
    """Requests that were answered as they should be, at once or the second time."""
    again: list[tuple[float, str]] = field(default_factory=list)
    """Those that were sent a second time: when, and what had come first."""
    failed: list[str] = field(default_factory=list)
    """Those that were not answered the second time either, or wrongly."""
    results: list[str] = field(default_factory=list)
    """Queries of theirs that have a result."""
    slowest: float = 0.0
    """Seconds until the answer that took longest, a second try included."""

    @property
    def asked(self) -> int:
        """Requests; one that was sent twice counts once."""
        return self.good + len(self.failed)

    def visit(self, over: threading.Event) -> None:
        """Browse, query, read, poll, until it is over."""
        while not over.is_set():
            for path in ("", "catalogs/hipparcos", "api/catalogs/hipparcos"):
                self.ask("GET", path)
                over.wait(THINK_SECONDS)
            if made := self.ask("POST", "api/queries", {"adql": ADQL}):
                self.results.append(made.json()["id"])
                self.read(self.results[-1])
            over.wait(THINK_SECONDS)
            if self.job:
                self.ask("GET", f"api/jobs/{self.job}")
                over.wait(THINK_SECONDS)

    def read(self, result: str) -> None:
        """Open a result's page and its rows."""
        self.ask("GET", f"queries/{result}")
        rows = self.ask("GET", f"api/queries/{result}/rows")
        if rows and len(rows.json()["rows"]) != ROWS:
            self.failed.append(f"{result} has other rows: {rows.text[:300]}")

    def ask(self, method: str, path: str, body: object = None) -> httpx.Response | None:
        """Give the answer to a request that is sent twice at most; None where it was not good."""
        began = time.monotonic()
        answer, said = self._send(method, path, body)
        if answer is None or answer.status_code >= SERVER_ERROR:
            self.again.append((time.monotonic(), said))
            threading.Event().wait(AGAIN_SECONDS)
            answer, said = self._send(method, path, body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        if answer is None or not answer.is_success:
            self.failed.append(said)
            return None
        self.good += 1
        return answer

    def _send(self, method: str, path: str, body: object) -> tuple[httpx.Response | None, str]:
        try:
            answer = self.http.request(method, path, json=body)
        except httpx.TransportError as error:
            return None, f"{method} {path}: {error!r}"
        return answer, f"{method} {path}: {answer.status_code} {' '.join(answer.text.split())[:200]}"


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """All of them."""

    visitors: Sequence[Visitor]

    @property
    def asked(self) -> int:
        """Requests of all."""
        return sum(visitor.asked for visitor in self.visitors)

    @property
    def again(self) -> list[tuple[float, str]]:
        """Requests that were sent twice, the first ones first."""
        return sorted(each for visitor in self.visitors for each in visitor.again)

    @property
    def failed(self) -> list[str]:
        """Requests that had no good answer."""
        return [each for visitor in self.visitors for each in visitor.failed]

    @property
    def slowest(self) -> float:
        """Seconds until the answer that took longest."""
        return max(visitor.slowest for visitor in self.visitors)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Let all of them visit, until the block ends."""
        over = threading.Event()
        threads = [threading.Thread(target=each.visit, args=(over,), daemon=True) for each in self.visitors]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(90)
