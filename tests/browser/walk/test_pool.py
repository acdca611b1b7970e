"""A pool in a notebook of a real lab: live while a cell computes, scaled with the mouse, and it says why it ended."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import nbformat
import pytest
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.platform, pytest.mark.timeout(400)]

CELLS = (
    'import uraniborg as ub\npool = ub.Pool(workers=1, memory="512MB")\npool',
    'work = pool.map(lambda n: (__import__("time").sleep(0.5), n)[1], range(60))\n'
    'print("total", sum(pool.gather(work)))',
    'pool.run_on_scheduler(lambda: __import__("os")._exit(1))',
    'again = ub.Pool(adapt=(0, 2), memory="512MB")\nprint("two", again.submit(abs, -2).result())\nagain',
)
KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}


def run(page: Page, number: int) -> None:
    """Run a cell as a user does."""
    page.locator(".jp-Notebook:visible .jp-CodeCell .cm-content").nth(number).click()
    page.keyboard.press("Shift+Enter")


def open_notebook(page: Page, platform: RunningPlatform) -> None:
    """Sign in, start the lab and open the cells in it."""
    page.goto(platform.link())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=re.compile("Start my lab|^Open$|My lab")).first.click()
    expect(page.locator(".jp-LauncherCard").first).to_be_visible()
    [folder] = (platform.home / "labs").iterdir()
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "pool.ipynb")
    page.goto(f"{platform.url}hub/user-redirect/lab/tree/pool.ipynb")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    # The file browser would take a narrow window's whole width.
    page.keyboard.press("Control+b")


def test_a_pool_is_live_scaled_and_says_why_it_ended(
    page: Page, unused_platform: RunningPlatform, shot: Callable[[str], None]
) -> None:
    open_notebook(page, unused_platform)
    run(page, 0)
    pools = page.locator(".jp-Notebook:visible .ub-pool")
    pool = pools.first
    expect(pool.locator("tbody tr")).to_have_count(1)
    expect(pool).to_contain_text("1 of 1")
    expect(pool.get_by_role("link", name="Dashboard")).to_have_attribute(
        "href", re.compile("/services/pools/.*/status")
    )
    run(page, 1)
    expect(pool).to_contain_text(re.compile(r"[1-9]\d* done, [1-9]\d* computing, [1-9]\d* waiting"))
    pool.get_by_label("Number of workers").fill("2")
    pool.get_by_role("button", name="Apply").click()
    # The cell still computes.
    expect(pool).to_contain_text(re.compile(r"2 of 2.*[1-9]\d* waiting"))
    shot("11-pool-busy")
    expect(page.get_by_text("total 1770")).to_be_visible()
    pool.get_by_label("By load").check()
    pool.get_by_label("Most workers").fill("1000")
    pool.get_by_role("button", name="Apply").click()
    expect(pool.get_by_role("status").last).to_contain_text("maximum is 1000; a whole number from 1 to")
    shot("12-pool-refused")
    page.set_viewport_size({"width": 480, "height": 950})
    shot("13-pool-narrow")
    assert pool.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 950})
    run(page, 2)
    expect(page.get_by_text("UraniborgError:").last).to_be_visible()
    expect(pool).to_contain_text(re.compile("failed.*process ended with code 1.*Make a new pool"))
    run(page, 3)
    expect(page.get_by_text("two 2")).to_be_visible()
    expect(pools.last).to_contain_text("0 to 2 by load")
    shot("14-pool-again")
    pools.last.get_by_role("button", name="Close pool").click()
    pools.last.get_by_role("button", name="Keep").click()
    pools.last.get_by_role("button", name="Close pool").click()
    pools.last.get_by_role("button", name="Close, results are lost").click()
    expect(pools.last).to_have_attribute("data-state", "closed")
