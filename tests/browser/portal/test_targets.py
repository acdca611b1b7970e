"""A list of targets, by mouse: pasted, in a file, matched, drawn, run in the background."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]

LIST = "Sirius\nVega\nnowhere, 10, 1\nBetelgeux\nmine, 18:36:56.3 +38:47:01\n"


def choose(page: Page) -> None:
    """Choose a list in place of one target."""
    page.get_by_role("button", name="A list of targets").click()
    page.get_by_label("Radius", exact=True).fill("1")
    page.locator("select[name=radius-unit]").select_option("arcmin")


def test_a_pasted_list_becomes_matches_and_a_picture(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos")
    choose(page)
    page.get_by_label("Targets", exact=True).fill(LIST)
    expect(page.get_by_text("4 targets")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Line 4")).to_contain_text("Betelgeuse")
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile("TAP_UPLOAD.targets"))
    picture(page, "targets-form")
    page.get_by_role("button", name="Run query").click()
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "3")
    page.get_by_label("Keep targets without a match").check()
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile("LEFT OUTER JOIN"))
    page.get_by_role("button", name="Run query").click()
    expect(grid).to_have_attribute("aria-rowcount", "4")
    expect(page.get_by_text("◯ your targets")).to_be_visible()
    expect(page.locator("section.ub-plot").first.locator("figure canvas").first).to_be_visible()
    page.get_by_text("Python that repeats it").click()
    expect(page.locator("details pre").last).to_contain_text("ub.targets")
    picture(page, "targets-result")
    page.reload()
    expect(grid).to_have_attribute("aria-rowcount", "4")
    expect(page.get_by_label("Targets", exact=True)).to_have_value(LIST)
    before = page.url
    page.get_by_role("button", name="Run in the background").click()
    expect(page).not_to_have_url(before)
    expect(grid).to_have_attribute("aria-rowcount", "4")


def test_a_file_of_targets(visit: Visit, picture: Picture, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("id,flux,ra,dec\na,1.5,279.2341,38.783\nb,2.5,,\nc,3.5,101.2885,-16.713\n")
    page = visit("catalogs/hipparcos", expected="400")
    choose(page)
    page.get_by_label("A file of targets").set_input_files(path)
    expect(page.get_by_text("2 targets of mine.csv")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Row 2")).to_contain_text("no position")
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "2")
    expect(page.get_by_role("columnheader", name="flux")).to_be_visible()
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    page.get_by_label("A file of targets").set_input_files(other)
    expect(page.get_by_text("the table has: a, b")).to_be_visible()


def test_a_list_on_a_phone(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/openngc", width=360)
    choose(page)
    page.get_by_label("Targets", exact=True).fill("M31\nM42\n" + "x" * 120)
    expect(page.get_by_text("2 targets")).to_be_visible()
    picture(page, "phone-targets")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
