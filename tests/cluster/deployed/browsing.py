"""A user at the other end of a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page


def sign_in(page: Page, url: str, name: str, password: str) -> None:
    """Sign in on the hub's page; `url` is the platform's, with a slash at the end."""
    page.goto(f"{url}hub/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
