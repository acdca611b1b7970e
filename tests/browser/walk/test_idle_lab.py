"""A lab that nobody uses: it warns, a click keeps it, untouched it ends. A real culler, in seconds, not an hour."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

if TYPE_CHECKING:
    from conftest import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.platform, pytest.mark.timeout(420)]

SCREENSHOTS = Path(__file__).resolve().parents[1] / "screenshots"
TIMEOUT, WARNING = 90, 80
"""So long that the page loads on a busy machine, and a warning ten seconds after the last use."""
TOKEN = "0123456789abcdef0123456789abcdef"
WARNS = "Nobody has used this lab for"


@pytest.fixture
def platform(tmp_path: Path, launch: Callable[..., RunningPlatform]) -> Iterator[RunningPlatform]:
    """A platform whose labs know of the culler that runs beside it."""
    rules = {"URANIBORG_CULL__TIMEOUT": str(TIMEOUT), "URANIBORG_CULL__WARNING": str(WARNING)}
    running = launch(tmp_path / "home", {**rules, "URANIBORG_CULL_API_TOKEN": TOKEN})
    argv = [sys.executable, "-m", "jupyterhub_idle_culler", f"--url={running.url}hub/api"]
    argv += [f"--timeout={TIMEOUT}", "--cull-every=1", "--cull-admin-users=True"]
    culler = subprocess.Popen(argv, env={**os.environ, "JUPYTERHUB_API_TOKEN": TOKEN})
    yield running
    culler.terminate()
    culler.wait(10)


@pytest.fixture
def lab(platform: RunningPlatform, chromium: Browser) -> Iterator[Page]:
    """The owner's lab, just opened."""
    context = chromium.new_context(viewport={"width": 1200, "height": 800})
    page = context.new_page()
    page.goto(platform.link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/hub/link" not in url)
    page.goto(f"{platform.url}hub/user-redirect/lab?reset")
    expect(page.locator(".jp-Launcher")).to_be_visible(timeout=90_000)
    yield page
    context.close()


def used(platform: RunningPlatform, token: str) -> str | None:
    """When the owner's lab was last used, as the hub knows it; None where it does not run."""
    answer = httpx.get(f"{platform.url}hub/api/user", headers={"Authorization": f"token {token}"}, trust_env=False)
    server = answer.raise_for_status().json()["servers"].get("")
    return str(server["last_activity"]) if server and server["ready"] else None


def test_an_idle_lab_warns_is_kept_by_a_click_and_ends_untouched(platform: RunningPlatform, lab: Page) -> None:
    token = platform.token()
    warning = lab.locator(".Toastify__toast", has_text=WARNS)
    expect(warning).to_be_visible(timeout=TIMEOUT * 1000)
    expect(warning).to_contain_text("it ends in")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    expect(warning).to_be_in_viewport(ratio=1)
    lab.screenshot(path=SCREENSHOTS / "walk-idle-lab.png")
    before = used(platform, token)
    warning.get_by_role("button", name="Keep it running").click()
    expect(warning).to_be_hidden(timeout=20_000)
    kept = used(platform, token)
    assert before and kept and kept > before
    expect(warning).to_be_visible(timeout=TIMEOUT * 1000)
    lab.get_by_role("tab", name="Launcher").click()
    expect(warning).to_be_hidden(timeout=20_000)
    expect(warning).to_be_visible(timeout=TIMEOUT * 1000)
    with lab.expect_response(lambda answer: answer.status >= 400, timeout=2 * TIMEOUT * 1000):
        assert used(platform, token)
    assert not used(platform, token)
