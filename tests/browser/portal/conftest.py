"""A portal, a real Chromium, and pages that fail the test on any console error or foreign request."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

HERE = Path(__file__).parent
SCREENSHOTS = HERE.parent / "screenshots"


class Site:
    """The portal under test and the browser that looks at it."""

    def __init__(self, browser: Browser, url: str, cookie: dict[str, Any]) -> None:
        self.browser = browser
        self.url = url
        self.cookie = cookie
        self.origin = url.split("/services/")[0]
        self.wrong: list[str] = []

    def open(
        self,
        path: str = "",
        *,
        width: int = 1280,
        dark: bool = False,
        signed_in: bool = True,
        expected: str = "",
        also: str = "",
    ) -> Page:
        """Open a page in a fresh browser profile; a console error that holds `expected` is none.

        `also` is an address that this page may ask.
        """
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(30_000)
        if signed_in:
            context.add_cookies([self.cookie])
        page = context.new_page()

        def said(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and not (expected and expected in message.text):
                self.wrong.append(f"{message.type}: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((self.origin, "data:", "blob:", also or self.origin)):
                self.wrong.append(f"foreign request: {request.url}")

        page.on("console", said)
        page.on("request", asked)
        page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        page.goto(path)
        return page


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Where the portal answers, and the cookie of a signed-in browser."""
    home = tmp_path_factory.mktemp("home")
    command = [sys.executable, str(HERE / "serve.py"), str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()
        process.wait(timeout=30)


@pytest.fixture
def visit(chromium: Browser, running: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """Open a page as `Site.open`; the test fails when a page wrote to the console or asked another host."""
    site = Site(chromium, running["url"], running["cookie"])
    yield site.open
    for context in chromium.contexts:
        context.close()
    assert not site.wrong


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Save a screenshot of the whole page as `screenshots/portal-<name>.png`."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return lambda page, name: (page.screenshot(path=SCREENSHOTS / f"portal-{name}.png", full_page=True), None)[1]
