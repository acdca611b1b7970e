"""What the walks through a whole platform share: a page that watches for errors, and its pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Page

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"


@pytest.fixture
def page(watched: Callable[..., AbstractContextManager[Page]]) -> Iterator[Page]:
    """A page of the platform on this machine that is watched."""
    with watched("127.0.0.1") as page:
        yield page


@pytest.fixture
def shot(page: Page) -> Callable[[str], None]:
    """Keep a picture of the page, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"walk-{name}.png", full_page=True)

    return take
