"""The form of labs in a browser: with the hub's own style sheets, and the keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from jupyterhub._data import DATA_FILES_PATH
from playwright.sync_api import Browser, Route, expect

import uraniborg_hub
from uraniborg_hub.kubernetes.spawner import KubernetesLabSpawner

SCREENSHOTS = Path(__file__).resolve().parents[2] / "browser" / "screenshots"
HUB = "http://hub.invalid/hub/"
PROFILES = [
    {"slug": "small", "title": "Small", "description": "For a first look.", "default": True},
    {"slug": "large", "title": "Large", "description": "Catalogs in memory.", "cpu_limit": "8", "memory_limit": "32Gi"},
    {"slug": "radio", "title": "Radio astronomy", "image": "casa@sha256:2e", "gpu": 1, "groups": ["radio"]},
    {"slug": "secret", "title": "Of another group", "groups": ["optical"]},
]
FOLDERS = {
    "static/": Path(DATA_FILES_PATH) / "static",
    "uraniborg/": Path(uraniborg_hub.__file__).parent / "static",
}


async def form(spawner: Callable[..., KubernetesLabSpawner], profiles: list[dict[str, object]], **options: str) -> str:
    """The form as a member of the group `radio` gets it."""
    lab = spawner(profiles=profiles)
    lab.user_options = options
    return await lab.get_options_form()


@pytest.mark.parametrize(
    ("profiles", "last", "chosen"),
    [
        (PROFILES, {}, "small"),
        (PROFILES, {"profile": "radio"}, "radio"),
        (PROFILES, {"profile": "gone"}, "small"),
        ([{**PROFILES[3], "default": True}, *PROFILES[1:3]], {}, "large"),
    ],
)
async def test_one_of_the_labs_is_always_chosen(
    spawner: Callable[..., KubernetesLabSpawner],
    profiles: list[dict[str, object]],
    last: dict[str, str],
    chosen: str,
) -> None:
    text = await form(spawner, profiles, **last)
    assert text.count("checked") == 1 and f'value="{chosen}" checked' in text
    assert "Of another group" not in text


@pytest.mark.browser
def test_the_form_looks_like_the_platform_and_takes_keys(
    spawner: Callable[..., KubernetesLabSpawner], page: Callable[..., str], chromium: Browser
) -> None:
    # Playwright's own loop runs in this thread.
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(lambda: asyncio.run(form(spawner, PROFILES))).result()
    html = page("spawn.html", spawner_options_form=made, error_message="", url="/hub/spawn")

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HUB)
        found = next(
            (folder / path.removeprefix(start) for start, folder in FOLDERS.items() if path.startswith(start)), None
        )
        if path == "spawn":
            route.fulfill(body=html, content_type="text/html")
        elif found and found.is_file():
            route.fulfill(path=found)
        else:
            route.fulfill(status=404)

    context = chromium.new_context(viewport={"width": 900, "height": 700})
    context.route("**/*", answer)
    shown = context.new_page()
    shown.goto(f"{HUB}spawn")
    expect(shown.get_by_role("radio")).to_have_count(3)
    expect(shown.get_by_label("Small")).to_be_checked()
    shown.get_by_text("Catalogs in memory.").click()
    expect(shown.get_by_label("Large")).to_be_checked()
    shown.get_by_label("Large").press("ArrowDown")
    expect(shown.get_by_label("Radio astronomy")).to_be_checked()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    shown.screenshot(path=SCREENSHOTS / "hub-form.png")
    shown.set_viewport_size({"width": 380, "height": 700})
    assert shown.evaluate("document.documentElement.scrollWidth") <= 380
    shown.screenshot(path=SCREENSHOTS / "hub-form-phone.png")
    context.close()
