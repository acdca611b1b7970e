"""One's queries in the background in a real JupyterLab: made in the browser widget, opened from the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Page, expect

from uraniborg import UraniborgError, queries
from uraniborg._portal import Portal


class Lab(Protocol):
    """The fixture `lab`."""

    url: str

    def write(self, name: str, *sources: str) -> Path: ...


BROWSE = 'import uraniborg as ub\nub.browse("openngc", into="found")'
LIST = 'ub.queries(into="again")'
TARGETS = 'print(*found["id"], found["match_distance"].unit)'
CHECK = 'print(type(again).__name__, len(again) == len(found), again["ra"].unit)'


def run_cell(page: Page, number: int) -> None:
    """Run a cell as a user does, once the kernel is there."""
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.locator(".jp-CodeCell .cm-content").nth(number).click()
    page.keyboard.press("Shift+Enter")


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_a_query_of_a_widget_is_in_the_list(page: Page, lab: Lab, screenshot: Callable[[str], None]) -> None:
    path = lab.write("queries.ipynb", BROWSE, LIST, CHECK)
    page.goto(f"{lab.url}lab/tree/{path.name}?reset")
    run_cell(page, 0)
    page.get_by_label("ADQL", exact=True).fill("SELECT TOP 9 name, ra, dec FROM openngc WHERE vmag < 7")
    page.get_by_role("button", name="Run in the background").click()
    expect(page.locator(".ub-carrier-line")).to_contain_text("found: an astropy Table of 9 rows")
    run_cell(page, 1)
    mine = page.get_by_role("listitem").filter(has_text="TOP 9 name")
    expect(mine.first).to_contain_text("Done")
    mine.first.get_by_role("button", name="Open the result").click()
    expect(page.locator(".ub-carrier-line").last).to_contain_text("again: an astropy Table of 9 rows")
    screenshot("widget-queries-lab")
    run_cell(page, 2)
    expect(page.locator(".jp-OutputArea-output pre").last).to_have_text(re.compile("Result True deg"))


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_a_list_of_targets_in_a_widget(page: Page, lab: Lab, tmp_path: Path, screenshot: Callable[[str], None]) -> None:
    path = lab.write("targets.ipynb", 'import uraniborg as ub\nub.browse("hipparcos", into="found")', TARGETS)
    file = tmp_path / "mine.csv"
    file.write_text("id,ra,dec\na,279.2341,38.783\nb,101.2885,-16.713\nc,10,1\n")
    page.goto(f"{lab.url}lab/tree/{path.name}?reset")
    run_cell(page, 0)
    page.get_by_role("button", name="A list of targets").click()
    page.get_by_label("A file of targets").set_input_files(file)
    expect(page.get_by_text("3 targets of mine.csv")).to_be_visible()
    page.get_by_role("button", name="Run query").click()
    expect(page.locator(".ub-carrier-line")).to_contain_text("found: an astropy Table of 2 rows")
    screenshot("widget-targets-lab")
    run_cell(page, 1)
    expect(page.locator(".jp-OutputArea-output pre").last).to_have_text(re.compile("a b arcsec"))


def test_name_that_is_no_variable_is_refused(portal: Portal) -> None:
    with pytest.raises(UraniborgError, match="can't be a variable"):
        queries(into="my stars")
