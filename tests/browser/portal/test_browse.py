"""From a name to a selection in a plot, by mouse."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]


def run(page: Page) -> None:
    """Run the query and wait until table and plots are drawn."""
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("grid")).to_be_visible()
    expect(page.locator("section.ub-plot").last.locator("figure canvas").first).to_be_visible()


def plot(page: Page, title: str) -> Locator:
    """The figure of a plot."""
    return page.locator("section.ub-plot").filter(has=page.get_by_role("heading", name=title)).locator("figure")


def drag(page: Page, figure: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over a figure; places are fractions of its size."""
    figure.scroll_into_view_if_needed()
    expect(page.locator(".ub-waiting")).to_have_count(0)
    box = figure.bounding_box()
    assert box is not None
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=8)
    page.mouse.up()


def selected(page: Page) -> int:
    """How many rows the page says are selected."""
    words = page.locator(".ub-rows")
    expect(words).to_contain_text("selected")
    return int(re.sub(r"\s", "", words.inner_text().split(" of ")[0]))


def test_a_click_before_the_form_is_filled_counts(visit: Visit) -> None:
    page = visit("catalogs/openngc")
    page.wait_for_load_state("networkidle")
    held: list[Route] = []
    page.route("**/api/catalogs", lambda route: held.append(route))
    with page.expect_request("**/api/catalogs"):
        page.reload()
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_text("Running…")).to_be_visible()
    held[0].continue_()
    expect(page.get_by_role("grid")).to_be_visible()


def test_a_name_becomes_a_selection(visit: Visit, picture: Picture) -> None:
    page = visit()
    picture(page, "home")
    page.get_by_role("searchbox").fill("Pleiades")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("M45")
    picture(page, "found")
    page.get_by_role("link", name="Cone around M45 in Hipparcos").click()
    expect(page.locator(".ub-hint").filter(has_text="local table")).to_contain_text("cluster")
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile("CONTAINS"))
    picture(page, "form")
    page.get_by_label("Radius", exact=True).fill("2")
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile(r", 2\)\)"))
    run(page)
    expect(page).to_have_url(re.compile("/queries/"))
    rows = int(page.get_by_role("grid").get_attribute("aria-rowcount") or 0)
    assert 20 < rows < 100
    expect(page.get_by_text("Positions in hipparcos are of J1991.25")).to_have_count(1)
    picture(page, "result-field")
    drag(page, plot(page, "Histogram"), (0.2, 0.3), (0.6, 0.7))
    count = selected(page)
    assert 0 < count < rows
    page.get_by_label("Show only selected rows").check()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(count))
    picture(page, "result-selected")
    page.get_by_label("File format").select_option("csv")
    with page.expect_download() as started:
        page.get_by_role("button", name="Save").click()
    text = started.value.path().read_text()
    assert len(list(csv.reader(io.StringIO(text)))) == count + 1
    page.get_by_role("button", name="Clear selection").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", str(rows))
    page.reload()
    expect(page.locator(".ub-rows")).to_have_text(f"{rows} rows")


def test_a_limit_that_was_reached_is_said(visit: Visit) -> None:
    page = visit("catalogs/hipparcos")
    page.get_by_label("Row limit").select_option("1000")
    run(page)
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "1000")
    expect(page.get_by_text("More rows may exist")).to_be_visible()
    page.get_by_label("Row limit").select_option("200000")
    run(page)
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "117955")
    expect(page.get_by_text("More rows may exist")).to_have_count(0)


def test_a_whole_catalog_stays_smooth(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos", signed_in=False)
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile("hipparcos"))
    run(page)
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "117955")
    page.get_by_role("columnheader", name="vmag").get_by_role("button").click()
    expect(grid.locator(".ub-tr").first).to_contain_text("32349")
    grid.evaluate("grid => { grid.scrollTop = grid.scrollHeight; }")
    expect(grid.locator(".ub-tr").last).not_to_contain_text("…")
    picture(page, "result-whole-sky")
    drag(page, plot(page, "Scatter plot"), (0.35, 0.3), (0.7, 0.6))
    count = selected(page)
    assert 1000 < count < 100_000
    drag(page, plot(page, "Sky"), (0.4, 0.3), (0.6, 0.6))
    expect(page.locator(".ub-rows")).not_to_contain_text(f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"))
    picture(page, "result-whole-sky-selected")
    sky = page.locator("section.ub-plot").first
    sky.get_by_role("button", name="Field").click()
    expect(sky.locator("figure canvas").first).to_be_visible()
    page.get_by_role("checkbox", name="log").first.check()
    expect(page.locator("section.ub-plot").nth(1).locator("figure canvas").first).to_be_visible()
    picture(page, "result-log")


def test_the_query_is_checked_as_it_is_typed(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/openngc", expected="400")
    editor = page.get_by_label("ADQL", exact=True)
    expect(editor).to_have_value(re.compile("openngc"))
    editor.fill("SELECT name, vmagg\nFROM openngc")
    verdict = page.locator("p[id$=-verdict]")
    expect(verdict).to_contain_text("vmagg")
    expect(verdict).to_contain_text("Line 1")
    picture(page, "adql-refused")
    editor.fill("SELECT name, vmag, bmag FROM openngc WHERE vmag < 8")
    expect(verdict).to_have_text("This query can run.")
    run(page)
    expect(page.locator("section.ub-plot")).to_have_count(2)
    page.get_by_role("button", name="Back to the form's query").click()
    expect(editor).to_have_value(re.compile("constellation"))


def test_what_a_query_would_read_is_told_before_it_runs(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos?target=M45", expected="400")
    editor = page.get_by_label("ADQL", exact=True)
    expect(editor).to_have_value(re.compile("CONTAINS"))
    page.get_by_text("What it would read").click()
    told = page.locator("details").filter(has_text="What it would read")
    expect(told).to_contain_text("in 1 of 12 shards of hipparcos")
    expect(told.get_by_role("row").last).to_contain_text("hip ra dec")
    picture(page, "adql-explained")
    expect(told.locator("td").nth(1)).to_have_attribute("data-head", "Rows, about")
    editor.fill("SELECT COUNT(*) FROM hipparcos")
    expect(told).to_contain_text("Reads nothing of hipparcos")
    editor.fill("SELECT COUNT(*) FROM hippo")
    expect(told).to_contain_text("no table is called 'hippo'")


def test_the_query_is_completed_while_one_types(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos", expected="400")
    editor = page.get_by_label("ADQL", exact=True)
    expect(editor).to_have_value(re.compile("hipparcos"))
    editor.fill("")
    offers = page.get_by_role("listbox", name="Ways to go on")
    editor.press_sequentially("SELECT TOP 5 h.hip FROM hip")
    expect(offers.get_by_role("option").first).to_contain_text("hipparcos")
    editor.press("Tab")
    expect(editor).to_have_value("SELECT TOP 5 h.hip FROM hipparcos")
    expect(offers).to_be_hidden()
    editor.press_sequentially(" AS h WHERE h.par")
    expect(offers.get_by_role("option").first).to_contain_text("double mas")
    picture(page, "adql-offered")
    editor.press("Escape")
    expect(offers).to_be_hidden()
    editor.press("Control+Space")
    expect(offers).to_be_visible()
    editor.press("ArrowDown")
    editor.press("Enter")
    editor.press_sequentially(" > 100")
    expect(page.locator("p[id$=-verdict]")).to_have_text("This query can run.")
    run(page)
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "5")


def test_conditions_and_unknown_names_are_explained(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos", expected="404")
    target = page.get_by_label("Object, event or coordinates")
    target.fill("Betelgeux")
    expect(page.locator(".ub-field-error").filter(has_text="Betelgeux")).to_be_visible()
    page.get_by_role("button", name="Betelgeuse").first.click()
    expect(target).to_have_value("Betelgeuse")
    page.get_by_role("button", name="+ Add a condition").click()
    expect(page.get_by_text("\N{MINUS SIGN}1.44 to 14.08 mag").first).to_be_visible()
    page.get_by_label("Value for vmag").fill("6")
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile("vmag < 6"))
    page.get_by_role("checkbox", name="Move the stars to").check()
    expect(page.get_by_text("moved from J1991.25 to J2026")).to_be_visible()
    picture(page, "conditions")
    run(page)
    expect(page.get_by_role("grid").locator(".ub-tr").first).to_contain_text("27989")


def test_a_wrong_query_keeps_the_result_and_says_so(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/hipparcos?target=M45", expected="400")
    run(page)
    figure = plot(page, "Sky")
    drag(page, figure, (0.3, 0.3), (0.7, 0.7))
    expect(page.get_by_role("button", name=re.compile("^Save the [0-9]+ selected$"))).to_be_visible()
    page.get_by_label("ADQL", exact=True).fill("SELEC hip FROM hipparcos")
    page.get_by_role("button", name="Run query").click()
    refused = page.locator(".ub-field-error").filter(has_text="SELEC")
    expect(refused).to_have_text(re.compile("^Line 1, column 1: found"))
    expect(page.get_by_text("still the result of the query before")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_visible()
    picture(page, "query-refused")
    page.reload()
    expect(page.get_by_text("Positions in hipparcos are of J1991.25")).to_have_count(1)
    expect(page.get_by_text("Licence: LicenseRef-ESA-Hipparcos")).to_be_visible()
    plot(page, "Sky")
    picture(page, "result-reopened")


def test_a_misspelt_name_finds_the_nearest(visit: Visit, picture: Picture) -> None:
    page = visit("sky?name=Barnrd+star", expected="404")
    expect(page.get_by_role("link", name="Barnard's star")).to_be_visible()
    expect(page.get_by_role("link", name="Sign out")).to_be_visible()
    picture(page, "misspelt")
