"""Labs of a real hub: they start, know their platform, keep no secret, and end with all that they started."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from uraniborg_hub.lab.processes import lab_pids

if TYPE_CHECKING:
    from conftest import Hub

Lab = tuple[httpx.Client, float]
pytestmark = pytest.mark.platform


@pytest.fixture(scope="module")
def lab(hub: Hub) -> Iterator[Lab]:
    """A browser whose user's lab runs, and the seconds from the click to JupyterLab's page."""
    with hub.sign_in() as browser:
        yield browser, hub.start_lab(browser)


def test_a_lab_is_there_within_the_limit(lab: Lab) -> None:
    _, seconds = lab
    # Six seconds on a machine that does nothing else; tests share theirs.
    assert seconds < 20


def test_the_lab_belongs_to_its_user(hub: Hub, lab: Lab) -> None:
    with hub.browser() as stranger, hub.sign_in("kepler") as other:
        assert stranger.get("/user/tycho/api/contents").status_code in (401, 403)
        assert other.get("/user/tycho/api/contents").status_code == 403


def test_the_token_of_a_lab_opens_the_hub_and_both_services_and_no_more(hub: Hub, lab: Lab) -> None:
    environment = hub.lab_environment("tycho")
    head = {"Authorization": f"Bearer {environment['JUPYTERHUB_API_TOKEN']}"}
    api = environment["JUPYTERHUB_API_URL"]
    me = httpx.get(f"{api}/user", headers=head).json()
    assert me["name"] == "tycho"
    assert {"access:services!service=portal", "access:services!service=pools"} <= set(me["scopes"])
    assert not [scope for scope in me["scopes"] if scope.startswith(("admin", "tokens", "list:", "servers", "start"))]
    assert httpx.get(f"{api}/users", headers=head).status_code == 403
    assert httpx.post(f"{api}/users/kepler/server", headers=head).status_code in (403, 404)


def test_the_environment_of_a_lab_names_the_services_and_holds_no_secret_of_theirs(hub: Hub, lab: Lab) -> None:
    environment = hub.lab_environment("tycho")
    assert environment["URANIBORG_PORTAL_URL"] == f"{hub.url}/services/portal/"
    assert environment["URANIBORG_POOLS_URL"] == f"{hub.url}/services/pools/"
    assert environment["HOME"] == str(hub.home / "labs" / "tycho")
    assert not set(hub.secrets.values()) & set(environment.values())
    assert not {name for name in environment if "SECRET" in name or name.startswith("CONFIGPROXY")}
    ours = {name for name in environment if name.startswith("URANIBORG_")}
    assert ours == {"URANIBORG_PLATFORM", "URANIBORG_PORTAL_URL", "URANIBORG_POOLS_URL"}


def test_the_lab_shows_the_start_notebooks_in_its_own_folder(hub: Hub, lab: Lab) -> None:
    browser, _ = lab
    answer = browser.get("/user/tycho/api/contents/start").json()
    shown = {entry["name"] for entry in answer["content"]}
    assert shown == {path.name for path in (hub.home / "labs" / "tycho" / "start").glob("[!.]*")}


def test_pages_of_the_lab_carry_its_policy_and_no_news(lab: Lab) -> None:
    browser, _ = lab
    page = browser.get("/user/tycho/lab")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "'sha256-" in policy and "'unsafe-inline' blob:" not in policy
    config = json.loads(re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page.text, re.DOTALL)[1])
    assert {"@jupyterlab/apputils-extension:announcements"} <= set(config["disabledExtensions"])
    assert "sandbox" in browser.get("/user/tycho/files/start").headers.get("Content-Security-Policy", "sandbox")


def test_voila_is_there_from_the_first_visit_on(hub: Hub, lab: Lab) -> None:
    browser, _ = lab
    (hub.home / "labs" / "tycho" / "empty.ipynb").write_text(
        json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    )
    assert browser.get("/user/tycho/voila").status_code == 200
    page = browser.get("/user/tycho/voila/render/empty.ipynb")
    assert page.status_code == 200 and "'unsafe-inline' blob:" in page.headers["Content-Security-Policy"]
    with hub.browser() as stranger:
        assert stranger.get("/user/tycho/voila/render/empty.ipynb").url.path == "/hub/link"


def test_two_users_have_folders_apart(hub: Hub, lab: Lab) -> None:
    with hub.sign_in("kepler") as browser:
        hub.start_lab(browser, "kepler")
        (hub.home / "labs" / "tycho" / "mine.txt").write_text("tycho's")
        names = {entry["name"] for entry in browser.get("/user/kepler/api/contents").json()["content"]}
        assert "mine.txt" not in names
        assert browser.get("/user/kepler/api/contents/..%2Ftycho%2Fmine.txt").status_code == 404


def test_a_lab_outlives_a_crash_of_the_hub_and_ends_with_its_kernels_on_its_end(start_hub: Callable[..., Hub]) -> None:
    hub = start_hub(URANIBORG_OWNER="tycho")
    with hub.sign_in() as browser:
        hub.start_lab(browser)
        token = {"Authorization": f"Bearer {hub.lab_environment('tycho')['JUPYTERHUB_API_TOKEN']}"}
        kernel = httpx.post(f"{hub.url}/user/tycho/api/kernels", headers=token, json={"name": "python3"})
        assert kernel.status_code == 201
        before = lab_pids(hub.home, "tycho")
        assert len(before) >= 2
        hub.end(crash=True)
        assert lab_pids(hub.home, "tycho") == before
        hub.start()
        assert httpx.get(f"{hub.url}/user/tycho/api/kernels", headers=token).json()[0]["id"] == kernel.json()["id"]
    began = time.monotonic()
    hub.end()
    assert lab_pids(hub.home) == frozenset()
    assert not any(psutil.pid_exists(pid) for pid in before)
    assert time.monotonic() - began < 8


def test_a_lab_that_can_not_start_says_why(start_hub: Callable[..., Hub]) -> None:
    hub = start_hub(URANIBORG_OWNER="tycho")
    (hub.home / "labs").write_text("a file where a folder should be")
    with hub.sign_in() as browser:
        page = browser.get("/hub/spawn")
        events = browser.get(
            "/hub/api/users/tycho/server/progress",
            headers={"X-XSRFToken": browser.cookies.get("_xsrf", path="/hub/") or ""},
        )
        assert "can't be prepared" in page.text + events.text
        later = browser.get("/user/tycho/lab")
        assert "can&#39;t be prepared" in later.text
        assert "Traceback" not in page.text + events.text + later.text
