"""What the walks through a whole platform share: a page that watches for errors, and its pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"
HARMLESS = ("[Violation]", "willReadFrequently")
"""What Chromium itself says about JupyterLab's own code."""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A new browser profile that fails its test on a console error or a request to another host."""
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(text in message.text for text in HARMLESS):
            wrong.append(f"{message.location.get('url', '')}: {message.text}")

    def asked(request: Request) -> None:
        if urlsplit(request.url).hostname not in {"127.0.0.1", None, ""}:
            wrong.append(f"request to {request.url}")

    context = chromium.new_context(viewport={"width": 1400, "height": 950}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("console", said)
    page.on("request", asked)
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    yield page
    context.close()
    assert not wrong


@pytest.fixture
def shot(page: Page) -> Callable[[str], None]:
    """Keep a picture of the page, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"walk-{name}.png", full_page=True)

    return take
