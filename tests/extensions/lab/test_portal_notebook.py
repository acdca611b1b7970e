"""A notebook that the portal made arrives in the lab as a new file."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser, expect


@pytest.mark.platform
@pytest.mark.browser
@pytest.mark.timeout(300)
def test_result_opens_in_my_lab(platform: object, chromium: Browser) -> None:
    portal = f"{platform.url}services/portal/"
    query = {"adql": "SELECT TOP 5 * FROM hipparcos"}
    headers = {"Authorization": f"Bearer {platform.token()}"}
    made = httpx.post(f"{portal}api/queries", json=query, headers=headers, timeout=60, trust_env=False).json()
    page = chromium.new_page()
    page.goto(platform.link())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/hub/link" not in url)
    path = f"/services/portal/queries/{made['id']}/notebook.ipynb"
    page.goto(f"{platform.url}hub/user-redirect/lab?uraniborg-notebook={path}")
    expect(page.locator(".jp-Notebook:visible")).to_contain_text("SELECT TOP 5 * FROM hipparcos", timeout=90_000)
    assert "uraniborg-notebook" not in page.url
    (saved,) = (platform.home / "labs").glob("*/query-*.ipynb")
    assert saved.name == f"query-{made['id'][:8]}.ipynb"
    page.goto(f"{platform.url}hub/user-redirect/lab?reset&uraniborg-notebook=/hub/api/users")
    expect(page.get_by_text("is not a notebook of this platform's portal")).to_be_visible(timeout=60_000)
    page.close()
