"""Another TAP service, a second portal on another port: by mouse, by keyboard, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]


def choose(page: Page, word: str, table: str) -> None:
    """Search for tables and pick one."""
    page.get_by_label("Tables with a word").fill(word)
    page.get_by_label("Tables with a word").press("Enter")
    page.get_by_role("radio", name=table).check()
    expect(page.get_by_role("heading", name="Columns")).to_be_visible()


def test_a_table_of_another_service_is_queried_with_the_form(visit: Visit, picture: Picture) -> None:
    page = visit("")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Other services").click()
    expect(page.get_by_label("Service", exact=True)).to_have_value("far")
    choose(page, "HIPPARCOS", "hipparcos")
    page.get_by_label("Object, event or coordinates").fill("M45")
    page.get_by_label("Radius", exact=True).fill("60")
    text = page.get_by_label("ADQL")
    page.get_by_role("button", name="+ Add a condition").click()
    page.get_by_label("Value for vmag").fill("7")
    cone = re.compile(r"CONTAINS\(POINT\('ICRS', ra, dec\), CIRCLE\('ICRS', 56.*, 1\)\)\s+AND vmag < 7", re.DOTALL)
    expect(text).to_have_value(cone)
    written = text.input_value()
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("grid")).to_be_visible()
    expect(page.get_by_text("From far (")).to_be_visible()
    expect(page.locator("section.ub-plot").last.locator("figure canvas").first).to_be_visible()
    picture(page, "remote")
    page.wait_for_url("**/queries/*")
    page.goto(page.url)
    expect(page.get_by_role("grid")).to_be_visible()
    expect(page.get_by_label("Service", exact=True)).to_have_value("far")
    expect(page.get_by_label("ADQL")).to_have_value(written)


def test_a_query_is_written_by_keyboard_refused_in_the_services_words_and_stopped(visit: Visit) -> None:
    page = visit("remote?service=far&table=openngc", expected="400 (Bad Request)")
    expect(page.get_by_role("heading", name="Columns")).to_be_visible()
    text = page.get_by_label("ADQL")
    text.fill("SELECT nothing FROM openngc")
    text.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="far answers: ")).to_be_visible()
    held: list[Route] = []
    page.route("**/api/remote/queries", lambda route: held.append(route))
    text.fill("SELECT TOP 5 name FROM openngc")
    text.press("Control+Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_focused()
    expect(page.get_by_text("far is asked")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stopped.")).to_be_visible()
    page.unroute_all()
    text.press("Control+Enter")
    expect(page.get_by_role("grid")).to_be_visible()


def test_a_search_before_the_services_have_come_waits_for_them(visit: Visit) -> None:
    page = visit("remote")
    page.wait_for_load_state("networkidle")
    held: list[Route] = []
    page.route("**/api/remote", lambda route: held.append(route))
    with page.expect_request("**/api/remote"):
        page.reload()
    page.get_by_label("Tables with a word").press("Enter")
    expect(page.get_by_text("Searching…")).to_be_visible()
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_text("There is no query yet.")).to_be_visible()
    held[0].continue_()
    page.get_by_role("radio", name="openngc").check()
    expect(page.get_by_role("heading", name="Columns")).to_be_visible()


def test_it_fits_a_phone(visit: Visit, picture: Picture) -> None:
    page = visit("remote", width=375)
    choose(page, "", "openngc")
    picture(page, "remote-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
