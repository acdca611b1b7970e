"""The whole way of a new user, in one real browser on one real platform, from the printed link to a pool that computes.

Every step leaves a screenshot; any console error and any request to another host fails the walk.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from conftest import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.platform, pytest.mark.timeout(400)]


def sign_in(page: Page, unused_platform: RunningPlatform) -> None:
    """Use a fresh link as its owner does."""
    page.goto(unused_platform.link())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("searchbox")).to_be_visible()


def drag(page: Page, figure: Locator) -> None:
    """Drag a box over the middle of a figure."""
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.7 * box["height"], steps=8)
    page.mouse.up()


def test_portal(page: Page, unused_platform: RunningPlatform, shot: Callable[[str], None]) -> None:
    page.goto(unused_platform.link())
    shot("01-link")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My labs")).to_be_visible()
    shot("02-home")
    page.get_by_role("searchbox").fill("Pleiades")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("link", name="Cone around M45 in Hipparcos").click()
    page.get_by_label("Radius", exact=True).fill("2")
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile(r", 2\)\)"))
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("grid")).to_be_visible()
    figures = page.locator("section.ub-plot figure")
    expect(figures.last.locator("canvas").first).to_be_visible()
    page.wait_for_function("() => !document.querySelector('.ub-waiting')")
    drag(page, figures.last)
    expect(page.locator(".ub-rows")).to_contain_text("selected")
    shot("03-selection")
    with page.expect_download() as started:
        page.get_by_role("button", name="Save").click()
    assert started.value.path().stat().st_size > 500


def test_instrument(page: Page, unused_platform: RunningPlatform, shot: Callable[[str], None]) -> None:
    sign_in(page, unused_platform)
    page.goto(f"{unused_platform.url}services/portal/instruments/gw?event=GW150914&product=strain")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    shot("04-running")
    expect(page.locator(".ub-view canvas").first).to_be_visible(timeout=90_000)
    expect(page.get_by_text("1126259462.42")).to_be_visible()
    shot("05-product")
    with page.expect_download() as started:
        page.get_by_role("button", name=re.compile("^Download ")).first.click()
    assert started.value.path().stat().st_size > 1000


def run_all(page: Page, code: str) -> Locator:
    """Type code into the open notebook's last cell, run it, and give the notebook's outputs."""
    cell = page.locator(".jp-Notebook:visible .jp-CodeCell .cm-content").last
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    return page.locator(".jp-Notebook:visible .jp-OutputArea-output")


def test_lab_widgets_and_pool(page: Page, unused_platform: RunningPlatform, shot: Callable[[str], None]) -> None:
    sign_in(page, unused_platform)
    page.get_by_role("link", name=re.compile("Start my lab|^Open$|My lab")).first.click()
    launcher = page.locator(".jp-LauncherCard")
    expect(launcher.filter(has_text="Catalog browser")).to_be_visible()
    expect(launcher.filter(has_text="Gravitational waves")).to_be_visible()
    shot("06-launcher")
    launcher.filter(has_text="Catalog browser").click()
    widget = page.locator(".jp-Notebook:visible .ub-carrier")
    widget.get_by_label("Object, event or coordinates").fill("M45")
    widget.locator("input[name=radius]").fill("2")
    widget.locator("select[name=radius-unit]").select_option("deg")
    expect(widget).to_contain_text(re.compile("Pleiades|03 47|3h|56\\.", re.IGNORECASE))
    widget.get_by_role("button", name="Run query").click()
    expect(page.locator(".ub-carrier-line:visible")).to_contain_text("stars: an astropy Table of")
    expect(widget.locator("canvas").first).to_be_visible()
    shot("07-widget")
    code = (
        "import uraniborg as ub\n"
        "with ub.Pool(workers=2) as pool:\n"
        "    squares = pool.map(lambda number: number * number, range(10))\n"
        "    print('sum', sum(pool.gather(squares)), 'rows', len(stars))\n"
    )
    outputs = run_all(page, code)
    expect(outputs.filter(has_text="sum 285 rows")).to_be_visible(timeout=120_000)
    shot("08-pool")


def test_lab_instrument_form(page: Page, unused_platform: RunningPlatform, shot: Callable[[str], None]) -> None:
    sign_in(page, unused_platform)
    page.goto(f"{unused_platform.url}hub/user-redirect/lab/tree/start")
    page.get_by_role("button", name="New Launcher").or_(page.get_by_title("New Launcher")).first.click()
    card = page.locator(".jp-LauncherCard").filter(has_text="Gravitational waves")
    expect(card).to_be_visible()
    card.click()
    widget = page.locator(".jp-Notebook:visible .ub-carrier")
    widget.get_by_role("button", name="Run", exact=True).click()
    expect(widget.locator("canvas").first).to_be_visible(timeout=90_000)
    expect(page.locator(".ub-carrier-line:visible")).to_contain_text("gw_product")
    shot("09-instrument-widget")


def test_stop_the_lab(page: Page, unused_platform: RunningPlatform, shot: Callable[[str], None]) -> None:
    sign_in(page, unused_platform)
    page.goto(f"{unused_platform.url}hub/home")
    page.get_by_role("button", name="End my lab").click()
    expect(page.get_by_role("button", name="Start my lab")).to_be_visible()
    shot("10-stopped")
