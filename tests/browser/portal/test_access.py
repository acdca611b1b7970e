"""Every page works with the keyboard alone, on a phone, and in the dark."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Picture = Callable[[Page, str], None]

PAGES = [
    "",
    "sky?name=M42",
    "sky?name=GW150914",
    "catalogs/hipparcos",
    "catalogs/openngc",
    "instruments/gw",
    "queries",
    "help",
    "api",
]


def name_of(path: str) -> str:
    """A file name for a page."""
    return re.sub(r"\W+", "-", path) or "home"


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_no_sideways_scroll(visit: Visit, picture: Picture, path: str) -> None:
    page = visit(path, width=360)
    page.wait_for_load_state("networkidle")
    picture(page, f"phone-{name_of(path)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_result_on_a_phone_in_the_dark(visit: Visit, picture: Picture) -> None:
    page = visit("catalogs/openngc", width=360, dark=True)
    page.get_by_role("button", name="Run query").click()
    expect(page.locator("section.ub-plot").last.locator("figure canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    picture(page, "phone-dark-result")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def lightness(page: Page, selector: str, what: str) -> float:
    """The mean of red, green and blue of a color that the page computed."""
    color = page.locator(selector).first.evaluate(f"element => getComputedStyle(element).{what}")
    numbers = [float(number) for number in re.findall(r"[\d.]+", color)[:3]]
    return sum(numbers) / 3


@pytest.mark.parametrize("path", PAGES)
def test_the_dark_is_dark(visit: Visit, picture: Picture, path: str) -> None:
    page = visit(path, dark=True)
    page.wait_for_load_state("networkidle")
    assert lightness(page, "body", "backgroundColor") < 40
    assert lightness(page, "h1", "color") > 180
    picture(page, f"dark-{name_of(path)}")


def test_the_theme_can_be_chosen_and_is_kept(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    assert lightness(page, "body", "backgroundColor") < 40
    page.goto("help")
    assert lightness(page, "body", "backgroundColor") < 40


def tab_to(page: Page, words: str, most: int = 80) -> None:
    """Press Tab until the focus is on what is called so; the focus must be seen on every step."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
              let element = document.activeElement;
              while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
              const label = element.labels?.[0]?.textContent || element.getAttribute("aria-label");
              return (label || element.textContent).trim();
            }"""
        )
        if words in found:
            return
    raise AssertionError(f"Tab never reached {words!r}")


def test_keyboard_alone(visit: Visit, picture: Picture) -> None:
    page = visit()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "Object, event or coordinates")
    page.keyboard.type("M44")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("M44")
    tab_to(page, "Cone around M44 in Hipparcos")
    page.keyboard.press("Enter")
    expect(page.get_by_label("ADQL", exact=True)).to_have_value(re.compile("CONTAINS"))
    tab_to(page, "Run query")
    picture(page, "keyboard-focus")
    page.keyboard.press("Enter")
    expect(page.get_by_role("grid")).to_be_visible()
    expect(page.locator(".ub-tr").first).not_to_contain_text("…")
    tab_to(page, "Rows of the result")
    for key in ("ArrowDown", "ArrowDown", "Space", "End", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".ub-rows")).to_contain_text("2 of ")
    picture(page, "keyboard-selected")
