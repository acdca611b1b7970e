"""A site's own way in, by Ingress and by Gateway API, with a host for each lab: in a real browser."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from deployed.browsing import sign_in
from deployed.gateway import CLASS, HOST, Gateway
from deployed.gateway import gateway as a_gateway
from deployed.waiting import until
from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from deployed.platform import Platform

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

SLOW = 120_000
"""Milliseconds that a lab may take to come."""
PORTAL = f"portal--service.{HOST}"
POOLS = f"pools--service.{HOST}"
PAGES = "/services/portal/"
WAYS: dict[str, dict[str, Any]] = {
    "ingress": {"ingress": {"enabled": True, "ingressClassName": CLASS, "hosts": [HOST]}},
    "httpRoute": {"httpRoute": {"enabled": True, "hostnames": [HOST], "gateways": [{"name": "public"}]}},
}


@pytest.fixture(scope="module")
def gateway(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """What stands before the cluster."""
    if platform.cluster.here is None:
        pytest.skip("Pods of another cluster are not reached from this machine.")
    with a_gateway(platform.cluster, platform.namespace, tmp_path_factory.mktemp("traefik")) as found:
        yield found


@pytest.fixture(params=WAYS)
def way(
    request: pytest.FixtureRequest, platform: Platform, gateway: Gateway, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The platform behind it, by one kind of route; afterwards without one."""
    folder = tmp_path_factory.mktemp("values")
    hosts = {"publicUrl": gateway.url, "subdomainHost": gateway.url.rstrip("/")}
    try:
        platform.install(folder, hosts | WAYS[request.param])
        until(lambda: gateway.ask(HOST, "/hub/health").is_success, 60, "The way leads to the hub")
        yield request.param
    finally:
        platform.install(folder)


@pytest.fixture
def page(watched: Callable[..., AbstractContextManager[Page]], way: str) -> Iterator[Page]:
    """A page that is watched; all hosts of the site are this machine."""
    with watched(HOST, SLOW, harmless=("Cross-Origin-Opener-Policy",)) as page:
        yield page


def test_labs_and_the_portal_have_hosts_of_their_own(
    page: Page, platform: Platform, gateway: Gateway, way: str
) -> None:
    user = f"sophie-{secrets.token_hex(2)}"
    sign_in(page, gateway.url, user, platform.passwords.of(user))
    expect(page.get_by_role("searchbox")).to_be_visible()
    assert urlsplit(page.url).hostname == PORTAL
    page.goto(f"http://{PORTAL}:{urlsplit(gateway.url).port}{PAGES}catalogs/hipparcos?target=M45")
    page.get_by_role("button", name="Run query").click()
    expect(page.get_by_role("grid")).to_be_visible()

    page.get_by_role("link", name="Open in my lab").click()
    expect(page.locator(".jp-Notebook:visible")).to_contain_text("hipparcos", timeout=SLOW)
    assert urlsplit(page.url).hostname == f"{user}.{HOST}"
    page.get_by_role("button", name="New Launcher").or_(page.get_by_title("New Launcher")).first.click()
    expect(page.locator(".jp-LauncherCard").filter(has_text="Gravitational waves")).to_be_visible()
    page.goto(f"http://{POOLS}:{urlsplit(gateway.url).port}/services/pools/")
    expect(page.get_by_role("heading", name="Pools")).to_be_visible()
    page.goto(f"{gateway.url}hub/home")
    page.get_by_role("button", name="End my lab").click()
    expect(page.get_by_role("button", name="Start my lab")).to_be_visible()

    through = gateway.targets(PORTAL, PAGES)
    assert through and all("uraniborg-portal" in each for each in through), "The portal's pages passed the proxy."
    assert "Uraniborg" in gateway.ask(PORTAL, PAGES).text
    for host in (HOST, f"{user}.{HOST}"):
        gateway.ask(host, PAGES)
        until(lambda host=host: gateway.targets(host, PAGES), 10, "The request is in traefik's log")
        assert all("proxy-public" in each for each in gateway.targets(host, PAGES))
