"""Queries in the background, by mouse: made, left alone, found again, stopped, opened, edited, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]

ENDLESS = "SELECT COUNT(*) FROM hipparcos AS a CROSS JOIN hipparcos AS b WHERE SIN(a.ra * b.dec + a.vmag) > 2"


def start(page: Page, adql: str) -> None:
    """Have a query run in the background."""
    editor = page.get_by_label("ADQL", exact=True)
    expect(editor).to_have_value(re.compile("SELECT"))
    editor.fill(adql)
    page.get_by_role("button", name="Run in the background").click()


def card(page: Page, words: str) -> Locator:
    """The card of a query."""
    return page.get_by_role("listitem").filter(has_text=words)


def test_a_query_goes_on_when_its_page_is_closed(visit: Visit, picture: Picture) -> None:
    first = visit("catalogs/hipparcos")
    start(first, ENDLESS)
    expect(first.get_by_text("Running", exact=True)).to_be_visible()
    expect(first.get_by_text(re.compile("of at most 1 h"))).to_be_visible()
    picture(first, "background-runs")
    first.reload()
    expect(first.get_by_text("Running", exact=True)).to_be_visible()
    first.close()
    page = visit("queries")
    mine = card(page, "CROSS JOIN")
    expect(mine).to_contain_text("Running")
    mine.get_by_role("button", name="Stop").click()
    expect(mine).to_contain_text("Stopped")
    mine.get_by_role("button", name="Delete").click()
    mine.get_by_role("button", name="Delete for good?").click()
    expect(mine).to_have_count(0)


def test_a_result_comes_by_itself_and_is_opened_again(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos")
    page.get_by_label("Row limit").select_option("1000")
    start(page, "SELECT hip, ra, dec, vmag FROM hipparcos WHERE vmag < 6.4")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "1000")
    expect(page).to_have_url(re.compile("/queries/[0-9a-f]{32}$"))
    expect(page.get_by_text("More rows exist")).to_be_visible()
    address = page.url
    page.goto("queries")
    mine = card(page, "vmag < 6.4")
    expect(mine).to_contain_text("Done")
    expect(mine).to_contain_text("the limit of 1\N{NARROW NO-BREAK SPACE}000 rows was reached")
    picture(page, "queries")
    mine.get_by_role("button", name="Open the result").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "1000")
    assert page.url == address
    page.go_back()
    with page.expect_download() as started:
        mine.get_by_role("button", name="Save the file").click()
    assert started.value.suggested_filename.endswith(".parquet")


def test_a_failed_query_says_why_and_is_edited(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos")
    start(page, "SELECT CAST('x' AS INTEGER) AS n FROM hipparcos")
    expect(page.get_by_text("Failed", exact=True)).to_be_visible()
    page.get_by_role("link", name="My queries").last.click()
    mine = card(page, "CAST('x'")
    expect(mine).to_contain_text("a text is no number")
    expect(mine).to_contain_text("Check CAST and arithmetic.")
    picture(page, "queries-failed")
    mine.get_by_role("link", name="Edit").click()
    editor = page.get_by_label("ADQL", exact=True)
    expect(editor).to_have_value(re.compile("CAST"))
    editor.fill("SELECT CAST('7' AS INTEGER) AS n FROM hipparcos")
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("grid")).to_be_visible()


def test_what_nobody_made_is_known_to_this_browser(visit: Visit) -> None:
    page = visit("catalogs/openngc", signed_in=False)
    start(page, "SELECT TOP 7 name FROM openngc")
    expect(page.get_by_role("grid")).to_be_visible()
    page.goto("queries")
    expect(page.get_by_text("this browser alone knows")).to_be_visible()
    expect(card(page, "TOP 7 name")).to_contain_text("7 rows")
    stranger = visit("queries", signed_in=False)
    expect(stranger.get_by_text("No query of yours")).to_be_visible()


def test_a_query_that_is_wrong_is_refused_in_the_editor(visit: Visit) -> None:
    page = visit("catalogs/hipparcos", expected="400")
    start(page, "SELECT hipp FROM hipparcos")
    expect(page.locator("p[id$=-verdict]")).to_contain_text("Line 1, column 8")
    expect(page.locator(".ub-query")).to_have_count(0)
