"""An instrument from its form to its files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser


def test_strain_of_gw150914(visit: Callable[..., Page], picture: Callable[[Page, str], None]) -> None:
    page = visit("sky?name=GW150914")
    picture(page, "event")
    page.get_by_role("link", name="Gravitational waves: Strain of GW150914").click()
    expect(page.get_by_label("Event")).to_have_value("GW150914")
    picture(page, "instrument-form")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text("H1", timeout=60_000)
    picture(page, "instrument-running")
    expect(page.locator(".ub-view canvas").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("1126259462.42")).to_be_visible()
    picture(page, "product")
    shown = page.locator(".ub-hash").first.get_attribute("title") or ""
    with page.expect_download() as started:
        page.get_by_role("button", name=re.compile("^Download ")).first.click()
    assert shown == f"SHA-256 {hashlib.sha256(started.value.path().read_bytes()).hexdigest()}"
    page.goto("")
    page.get_by_role("link", name="GW150914, H1, whitened strain").click()
    expect(page.locator(".ub-view canvas").first).to_be_visible()
    picture(page, "product-page")


TEMPLATE = "gw/strain/GW150914_4_template.hdf5"


@pytest.mark.parametrize(("product", "needs"), [("spectrogram", ()), ("skymap", ()), ("matched_filter", (TEMPLATE,))])
def test_products(
    visit: Callable[..., Page],
    picture: Callable[[Page, str], None],
    files: Callable[..., object],
    product: str,
    needs: tuple[str, ...],
) -> None:
    files(*needs)
    page = visit(f"instruments/gw?event=GW150914&product={product}", dark=True)
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator(".ub-view canvas").first).to_be_visible(timeout=90_000)
    picture(page, f"product-{product}")


@pytest.mark.parametrize(("fault", "low"), [("refused", 33), ("silent", 34)])
def test_a_job_is_followed_on_when_its_portal_is_replaced(visit: Callable[..., Page], fault: str, low: int) -> None:
    page = visit(f"instruments/gw?event=GW150914&product=strain&band_low={low}", expected="503")
    faults = [fault]

    def answer(route: Route) -> None:
        """As a proxy whose portal was killed: an error, or a connection on which nothing comes any more."""
        match faults.pop() if faults else "":
            case "refused":
                route.fulfill(status=503)
            case "":
                route.continue_()

    page.route("**/events*", answer)
    page.clock.install()
    with page.expect_request("**/events*"):
        page.get_by_role("button", name="Run", exact=True).click()
    page.clock.fast_forward(46_000)
    expect(page.locator(".ub-view canvas").first).to_be_visible(timeout=60_000)


def test_errors_stand_beside_the_field(visit: Callable[..., Page], picture: Callable[[Page, str], None]) -> None:
    page = visit("instruments/gw", expected="400")
    low = page.get_by_label("Band from (Hz)")
    low.fill("900")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(low).to_have_attribute("aria-invalid", "true")
    expect(low).to_be_focused()
    picture(page, "instrument-error")


def test_a_stranger_is_told_to_sign_in(visit: Callable[..., Page]) -> None:
    page = visit("instruments/gw", signed_in=False)
    expect(page.get_by_text("Running an instrument needs a signed-in user.")).to_be_visible()


def test_cancel(visit: Callable[..., Page], picture: Callable[[Page, str], None]) -> None:
    page = visit("instruments/gw?product=skymap&event=GW150914&detector=L1")
    page.get_by_label("Spectrogram").check()
    page.get_by_label("Window (s)").fill("20")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status").filter(has_text="Cancelled")).to_be_visible(timeout=30_000)
    picture(page, "instrument-cancelled")
