"""Sign-in by a one-time link, on a real hub behind a real proxy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from uraniborg_hub.auth import links

pytestmark = pytest.mark.platform

if TYPE_CHECKING:
    from conftest import Hub

PORTAL = "/services/portal/login"


def test_a_link_signs_in_once_however_often_it_is_looked_at(hub: Hub) -> None:
    token = links.issue(hub.home, "tycho")
    with hub.browser() as browser, hub.browser() as preview:
        for client in (preview, browser, browser):
            page = client.get("/hub/link", params={"token": token})
            assert page.status_code == 200 and "tycho" in page.text
        form = hub.fields(page.text)
        answer = browser.post("/hub/link", data=form, follow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (303, PORTAL)
        assert browser.get("/hub/home").url.path == "/hub/home"
        second = preview.post("/hub/link", data=hub.fields(preview.get("/hub/link").text) | {"token": token})
        assert second.status_code == 403
    with hub.browser() as late:
        page = late.get("/hub/link", params={"token": token})
        assert page.status_code == 403 and "uraniborg link" in page.text
        again = late.post("/hub/link", data={"token": token, "_xsrf": late.cookies["_xsrf"]})
        assert again.status_code == 403 and "uraniborg link" in again.text
        assert late.get("/hub/home").url.path == "/hub/link"


def test_two_posts_at_the_same_time_sign_in_one(hub: Hub) -> None:
    token = links.issue(hub.home, "tycho")
    browsers = [hub.browser() for _ in range(4)]
    forms = [hub.fields(browser.get("/hub/link", params={"token": token}).text) for browser in browsers]

    def post(number: int) -> int:
        return browsers[number].post("/hub/link", data=forms[number], follow_redirects=False).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(post, range(4))) == [303, 403, 403, 403]
    for browser in browsers:
        browser.close()


def test_a_link_past_its_time_is_refused(hub: Hub) -> None:
    token = links.issue(hub.home, "tycho", seconds=-1)
    with hub.browser() as browser:
        assert browser.get("/hub/link", params={"token": token}).status_code == 403
        data = {"token": token, "_xsrf": browser.cookies["_xsrf"]}
        assert browser.post("/hub/link", data=data).status_code == 403


def test_a_post_without_the_form_of_this_browser_is_refused_and_spends_nothing(hub: Hub) -> None:
    token = links.issue(hub.home, "tycho")
    with hub.browser() as browser:
        assert browser.post("/hub/link", data={"token": token}).status_code == 403
    assert links.consume(hub.home, token) == "tycho"


@pytest.mark.parametrize("goal", ["/hub/home", "/user/tycho/lab"])
def test_sign_in_goes_on_to_where_one_wanted(hub: Hub, goal: str) -> None:
    with hub.browser() as browser:
        page = browser.get("/hub/link", params={"token": links.issue(hub.home, "tycho"), "next": goal})
        answer = browser.post("/hub/link", data=hub.fields(page.text), follow_redirects=False)
        assert answer.headers["Location"] == goal


@pytest.mark.parametrize("goal", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"])
def test_sign_in_never_leaves_this_host(hub: Hub, goal: str) -> None:
    with hub.browser() as browser:
        page = browser.get("/hub/link", params={"token": links.issue(hub.home, "tycho"), "next": goal})
        answer = browser.post("/hub/link", data=hub.fields(page.text), follow_redirects=False)
        target = urlsplit(answer.headers["Location"])
        assert target.netloc in ("", urlsplit(hub.url).netloc) and target.scheme in ("", "http")
        assert target.path.startswith("/") and not target.path.startswith(("//", "/\\"))


def test_the_link_stays_out_of_redirects_headers_and_logs(hub: Hub) -> None:
    token = links.issue(hub.home, "tycho")
    with hub.browser() as browser:
        page = browser.get("/hub/link", params={"token": token})
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        answer = browser.post("/hub/link", params={"token": token}, data=hub.fields(page.text), follow_redirects=False)
        assert answer.status_code == 303 and token not in str(answer.headers)
        signed_in = browser.get("/hub/link", params={"token": token}, follow_redirects=False)
        assert signed_in.status_code == 302 and token not in signed_in.headers["Location"]
    for log in (hub.home / "hub" / "logs").iterdir():
        assert token not in log.read_text(), log.name


@pytest.mark.parametrize(
    "path",
    ["/hub/home", "/hub/token", "/hub/admin", "/hub/spawn", "/hub/login", "/user/tycho/lab", "/hub/user-redirect/lab"],
)
def test_no_page_is_open(hub: Hub, path: str) -> None:
    with hub.browser() as browser:
        answer = browser.get(path)
        assert answer.url.path == "/hub/link" and "uraniborg link" in answer.text


@pytest.mark.parametrize("path", ["user", "users", "users/tycho", "services", "proxy", "info", "shares/tycho"])
def test_no_api_is_open(hub: Hub, path: str) -> None:
    with hub.browser() as browser:
        assert browser.get(f"/hub/api/{path}").status_code in (401, 403)


def test_pages_run_no_inline_script_but_ours(hub: Hub) -> None:
    with hub.sign_in() as browser:
        for path in ("/hub/home", "/hub/token", "/hub/admin", "/hub/nothing-here"):
            answer = browser.get(path)
            policy = answer.headers["Content-Security-Policy"]
            nonce = policy.partition("'nonce-")[2].partition("'")[0]
            assert nonce and "unsafe-eval" not in policy and "script-src 'self' 'nonce-" in policy
            assert answer.text.count("<script") == answer.text.count(f'<script nonce="{nonce}"')
            assert browser.get(path).headers["Content-Security-Policy"] != policy


def test_anyone_may_have_the_style_sheet(hub: Hub) -> None:
    with hub.browser() as browser:
        answer = browser.get("/hub/uraniborg/hub.css")
        assert answer.headers["Content-Type"].startswith("text/css")
        assert browser.get("/hub/uraniborg/../settings.py").status_code in (403, 404)
