"""The prebuilt JupyterLab extension: its sources, its built output, and the Launcher of a real lab."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

EXTENSIONS = Path(__file__).resolve().parents[3] / "extensions"


def test_built_output_is_small_and_complete() -> None:
    built = EXTENSIONS / "labextension"
    package = json.loads((built / "package.json").read_text())
    assert (built / package["jupyterlab"]["_build"]["load"]).is_file()
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) < 50_000


def test_lock_names_no_registry() -> None:
    lock = json.loads((EXTENSIONS / "lab" / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]


def test_versions_agree() -> None:
    version = re.search(r'"(.+)"', (EXTENSIONS / "uraniborg" / "_version.py").read_text().splitlines()[-1])
    assert version is not None
    assert json.loads((EXTENSIONS / "lab" / "package.json").read_text())["version"] == version.group(1)


@pytest.mark.browser
@pytest.mark.timeout(240)
def test_card_opens_the_browser_in_a_new_notebook(page: Page, lab: object, screenshot: Callable[[str], None]) -> None:
    (lab.folder / "catalogs.ipynb").write_text("mine")
    page.goto(f"{lab.url}lab?reset")
    card = page.locator(".jp-LauncherCard", has_text="Catalog browser")
    expect(card).to_be_visible()
    expect(page.locator(".jp-Launcher-sectionTitle").first).to_have_text("Uraniborg")
    screenshot("lab-launcher")
    card.click()
    expect(page.get_by_label("Object, event or coordinates")).to_be_visible()
    screenshot("lab-card-opened")
    assert (lab.folder / "catalogs.ipynb").read_text() == "mine"
    assert (lab.folder / "catalogs-1.ipynb").exists()
