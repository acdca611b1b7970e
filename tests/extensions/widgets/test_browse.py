"""The catalog browser in a real JupyterLab and in Voila, used with the mouse and the keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import nbformat
import pytest
from playwright.sync_api import Page, expect

from uraniborg import UraniborgError, browse
from uraniborg._portal import Portal

pytestmark = pytest.mark.browser


class Lab(Protocol):
    """The fixture `lab`."""

    url: str
    folder: Path

    def write(self, name: str, *sources: str) -> Path: ...

    def end_kernels(self) -> None: ...


CODE = 'import uraniborg as ub\nub.browse("hipparcos", into="pleiades")'
CHECK = 'print(type(pleiades).__name__, len(pleiades) > 20, pleiades["ra"].unit, pleiades.meta["coosys"]["epoch"])'


def run_cell(page: Page, number: int) -> None:
    """Run a cell as a user does, once the kernel is there: JupyterLab drops what one runs while it connects."""
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.locator(".jp-CodeCell .cm-content").nth(number).click()
    page.keyboard.press("Shift+Enter")


def search_pleiades(page: Page) -> None:
    """Ask for stars around the Pleiades in the widget that the page shows."""
    page.get_by_label("Object, event or coordinates").fill("M45")
    page.locator("input[name=radius]").fill("2")
    page.locator("select[name=radius-unit]").select_option("deg")
    expect(page.locator(".ub-carrier")).to_contain_text(re.compile("03 47|3h|56\\.|Pleiades", re.IGNORECASE))
    page.get_by_role("button", name="Run query").click()


@pytest.mark.timeout(240)
def test_browse_in_jupyterlab_and_saved(page: Page, lab: Lab, screenshot: Callable[[str], None]) -> None:
    path = lab.write("browse.ipynb", CODE, CHECK)
    page.goto(f"{lab.url}lab/tree/{path.name}?reset")
    run_cell(page, 0)
    search_pleiades(page)
    expect(page.locator(".ub-carrier-line")).to_contain_text("pleiades: an astropy Table of")
    expect(page.locator(".ub-carrier canvas").first).to_be_visible()
    screenshot("widget-browse-lab")
    run_cell(page, 1)
    expect(page.locator(".jp-OutputArea-output pre").last).to_have_text(re.compile("Result True deg J1991.25"))
    page.locator(".ub-carrier-line").scroll_into_view_if_needed()
    screenshot("widget-browse-lab-result")
    # The picture is taken a moment after the last change.
    expect(page.locator(".jp-OutputArea img[src^='data:image/png']").first).to_be_attached()
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    check_still(path)
    lab.end_kernels()
    page.goto(f"{lab.url}lab/tree/{path.name}?reset")
    expect(page.locator(".jp-OutputArea img[src^='data:image/png']").first).to_be_visible()
    expect(page.get_by_text("No kernel runs")).to_be_visible()
    expect(page.get_by_text("Error displaying widget")).to_have_count(0)
    screenshot("widget-browse-saved")


def check_still(path: Path) -> None:
    """The saved notebook holds a picture, and not megabytes of state."""
    notebook = nbformat.read(path, as_version=4)
    html = [output.data["text/html"] for output in notebook.cells[0].outputs if "text/html" in output.get("data", {})]
    assert any("data:image/png;base64," in text for text in html)
    assert path.stat().st_size < 600_000


@pytest.mark.timeout(240)
def test_browse_in_voila(page: Page, lab: Lab, screenshot: Callable[[str], None]) -> None:
    lab.write("dashboard.ipynb", CODE)
    page.goto(f"{lab.url}voila/render/dashboard.ipynb")
    search_pleiades(page)
    expect(page.locator(".ub-carrier-line")).to_contain_text("pleiades: an astropy Table of")
    expect(page.locator(".ub-carrier canvas").first).to_be_visible()
    screenshot("widget-browse-voila")


def test_unknown_catalog_is_refused_with_the_known_ones(portal: Portal) -> None:
    with pytest.raises(UraniborgError, match="hiparcos") as raised:
        browse("hiparcos")
    assert "hipparcos" in raised.value.remedy


def test_name_that_is_no_variable_is_refused(portal: Portal) -> None:
    with pytest.raises(UraniborgError, match="can't be a variable"):
        browse(into="my stars")
