"""The README's pictures, of a real platform, as `screenshots/readme-NAME.png`: to be looked at, and copied.

`portal/pictures/NAME.png` are the copies.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from conftest import RunningPlatform

pytestmark = [pytest.mark.browser, pytest.mark.platform, pytest.mark.timeout(400)]

COLOURS = 256
"""Of a picture of many small points: with a palette it is half as large."""
WIDTH = 1000
"""Of a picture, pixels: as wide as a README is shown."""
QUERY = "SELECT hip, ra, dec, parallax, vmag, bv\nFROM hipparcos\nWHERE parallax > 5 AND vmag < 9"


@pytest.fixture
def page(watched: Callable[..., AbstractContextManager[Page]], unused_platform: RunningPlatform) -> Iterator[Page]:
    """A page of the platform whose user has signed in."""
    with watched("127.0.0.1") as page:
        page.goto(unused_platform.link())
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("searchbox")).to_be_visible()
        yield page


@pytest.fixture
def keep(page: Page) -> Callable[..., None]:
    """Keep a picture of the page, from some height of it on."""
    folder = Path(__file__).resolve().parents[1] / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)

    def kept(name: str, top: float = 0, bottom: float | None = None, *, colours: int | None = None) -> None:
        image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
        image = image.crop((0, int(top), image.width, int(bottom or image.height)))
        image = image.resize((WIDTH, round(WIDTH * image.height / image.width)), Image.Resampling.LANCZOS)
        image = image.quantize(colours, dither=Image.Dither.NONE) if colours else image
        image.save(folder / f"readme-{name}.png", optimize=True)

    return kept


def test_browse(page: Page, unused_platform: RunningPlatform, keep: Callable[..., None]) -> None:
    page.set_viewport_size({"width": 1060, "height": 900})
    page.goto(f"{unused_platform.url}services/portal/catalogs/hipparcos")
    editor = page.get_by_label("ADQL", exact=True)
    expect(editor).not_to_have_value("")
    editor.fill(QUERY)
    page.get_by_text("What it would read").click()
    expect(page.locator("details").filter(has_text="What it would read")).to_contain_text("shards of hipparcos")
    page.get_by_role("button", name="Run query").click()
    figures = page.locator("section.ub-plot figure")
    expect(figures.last.locator("canvas").first).to_be_visible()
    page.wait_for_function("() => !document.querySelector('.ub-waiting')")
    sky = figures.first
    sky.scroll_into_view_if_needed()
    box = sky.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.6 * box["height"], steps=8)
    page.mouse.up()
    expect(page.locator(".ub-rows")).to_contain_text("selected")
    # Nothing shows where the keyboard is.
    page.evaluate("() => document.activeElement.blur()")
    above = page.evaluate("() => window.scrollY")
    top, bottom = (each.bounding_box() for each in (editor, page.locator("section.ub-plot").last))
    assert top is not None and bottom is not None
    keep("browse", above + top["y"] - 40, above + bottom["y"] + bottom["height"] + 16, colours=COLOURS)


def test_lab(page: Page, unused_platform: RunningPlatform, keep: Callable[..., None]) -> None:
    page.set_viewport_size({"width": 1280, "height": 1000})
    page.goto(f"{unused_platform.url}hub/user-redirect/lab/tree/start/02-waves.ipynb")
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(page.get_by_text("Quality factor Q")).to_be_visible(timeout=120_000)
    expect(page.locator(".jp-OutputArea-output canvas").last).to_be_visible(timeout=120_000)
    chirp = page.locator(".jp-CodeCell").filter(has_text="chirp = gw(")
    chirp.evaluate("cell => cell.scrollIntoView({block: 'start'})")
    expect(chirp.locator("canvas").first).to_be_in_viewport()
    keep("lab")
