"""The way of a new user on a cluster, in a real browser: sign in, lab, notebook, a pool that computes, query.

Every step leaves a screenshot; a console error or a request to another host fails the walk.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from deployed.browsing import sign_in
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

USER = f"sophie-{secrets.token_hex(2)}"
"""Someone new each time: JupyterLab would open what an earlier walk left open."""
SCREENSHOTS = Path(__file__).parent / "screenshots"
HARMLESS = ("Cross-Origin-Opener-Policy",)
"""What Chromium says of a site without TLS."""
SLOW = 120_000
"""Milliseconds that a lab, or a pool, may take to come."""
POOL = """
import uraniborg as ub
pool = ub.Pool(workers=4)
squares = pool.map(lambda number: number * number, range(100))
print("sum", sum(pool.gather(squares)))
pool.scale(2)
print("kept", sum(pool.gather(squares)))
pool.close()
print("closed")
"""


@pytest.fixture
def page(watched: Callable[..., AbstractContextManager[Page]], platform: Platform) -> Iterator[Page]:
    """A page of the platform on the cluster that is watched."""
    with watched(urlsplit(platform.url).hostname, SLOW, harmless=HARMLESS) as page:
        yield page


@pytest.fixture
def shot(page: Page) -> Callable[[str], None]:
    """Keep a picture of the page, to be looked at."""
    SCREENSHOTS.mkdir(exist_ok=True)

    def take(name: str) -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return take


def await_kernel(page: Page, notebook: str) -> None:
    """Wait until a notebook is open and has its kernel: what is run before that ends in a question for a kernel."""
    status = page.locator("#jp-main-statusbar")
    expect(status).to_contain_text(notebook, timeout=SLOW)
    expect(status).to_contain_text("Python 3 (ipykernel) | Idle", timeout=SLOW)


def run_cell(page: Page, code: str) -> Locator:
    """Run code in the open notebook's last cell, and give the notebook's outputs."""
    page.locator(".jp-Notebook:visible .jp-CodeCell .cm-content").last.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    return page.locator(".jp-Notebook:visible .jp-OutputArea-output")


def test_a_new_user_comes_from_the_sign_in_to_a_pool_that_computes(
    page: Page, platform: Platform, shot: Callable[[str], None]
) -> None:
    sign_in(page, platform.url, USER, platform.passwords.of(USER))
    page.goto(f"{platform.url}services/portal/")
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.get_by_role("link", name=re.compile("Start my lab|My lab")).first.click()
    expect(page.locator(".jp-LauncherCard").first).to_be_visible(timeout=SLOW)
    shot("1-lab")

    page.goto(f"{platform.url}user/{USER}/lab/tree/start/01-stars.ipynb")
    expect(page.locator(".jp-Notebook:visible .jp-CodeCell").first).to_be_visible()
    await_kernel(page, "01-stars.ipynb")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    prompts = page.locator(".jp-Notebook:visible .jp-CodeCell .jp-InputPrompt")
    # Cells out of sight have no boxes: they are counted, not looked at.
    expect(prompts.filter(has_text=re.compile(r"\d"))).not_to_have_count(0, timeout=SLOW)
    expect(prompts.filter(has_text="*")).to_have_count(0, timeout=SLOW)
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    expect(page.locator(".jp-Notebook:visible .ub-carrier").get_by_role("button", name="Run query")).to_be_visible()
    shot("2-notebook")

    page.goto(f"{platform.url}user/{USER}/lab/tree/start")
    page.get_by_role("button", name="New Launcher").or_(page.get_by_title("New Launcher")).first.click()
    page.locator(".jp-LauncherCard[data-category='Notebook']").filter(has_text="Python 3").first.click()
    await_kernel(page, "Untitled.ipynb")
    outputs = run_cell(page, POOL)
    for told in ("sum 328350", "kept 328350", "closed"):
        expect(outputs.filter(has_text=told).first).to_be_visible(timeout=SLOW)
    shot("3-pool")

    page.goto(f"{platform.url}services/portal/catalogs/hipparcos?target=M45")
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("grid")).to_be_visible()
    shot("4-query")
    page.goto(f"{platform.url}hub/home")
    page.get_by_role("button", name="End my lab").click()
    expect(page.get_by_role("button", name="Start my lab")).to_be_visible()
