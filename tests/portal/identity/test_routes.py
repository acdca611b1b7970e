"""Signing in, against a real JupyterHub with its real proxy and the portal as its service."""

from __future__ import annotations

import base64
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from uraniborg_hub.laptop import node
from uraniborg_hub.laptop.ports import free_ports

pytestmark = [pytest.mark.platform, pytest.mark.timeout(180)]

CONFIG = """
c = get_config()
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.bind_url = "http://127.0.0.1:{public}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
c.JupyterHub.cleanup_servers = False
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.auth_token = {secret!r}
c.JupyterHub.services = [
    {{
        "name": "portal",
        "url": "http://127.0.0.1:{portal}",
        "api_token": {service_token!r},
        "oauth_client_id": "service-portal",
        "oauth_no_confirm": True,
        "oauth_redirect_uri": "/services/portal/oauth_callback",
        "oauth_client_allowed_scopes": ["read:users:groups!user"],
    }},
    {{"name": "admin", "api_token": {admin_token!r}}},
]
c.JupyterHub.load_roles = [
    {{"name": "user", "scopes": ["self", "access:services!service=portal"]}},
    {{"name": "admin-service", "services": ["admin"], "scopes": ["admin:users", "tokens", "access:services"]}},
]
"""


def answers(url: str) -> bool:
    """Whether the URL can be read."""
    try:
        return httpx.get(url, trust_env=False, verify=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(url: str, seconds: float = 60) -> None:
    """Return when the URL answers."""
    end = time.monotonic() + seconds
    while not answers(url):
        assert time.monotonic() < end, f"{url} does not answer"
        time.sleep(0.1)


@dataclass
class HubAndPortal:
    """The running processes and what one needs to ask them."""

    folder: Path
    public: int
    hub: int
    api: int
    portal: int
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    secret: str = field(default_factory=lambda: secrets.token_hex(16))
    service_token: str = field(default_factory=lambda: secrets.token_hex(16))
    admin_token: str = field(default_factory=lambda: secrets.token_hex(16))
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The public address, with a slash at the end."""
        return f"http://127.0.0.1:{self.public}/"

    @property
    def portal_url(self) -> str:
        """The portal through the proxy."""
        return f"{self.url}services/portal/"

    def spawn(self, name: str, argv: list[str], **environment: str) -> None:
        """Start a process whose words go to a file."""
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            argv, cwd=self.folder, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
        )

    def start_proxy(self) -> None:
        """Start the proxy."""
        argv = [str(node.node()), str(node.ensure_proxy()), "--ip", "127.0.0.1", "--port", str(self.public)]
        argv += ["--api-ip", "127.0.0.1", "--api-port", str(self.api)]
        argv += [
            "--default-target",
            f"http://127.0.0.1:{self.hub}",
            "--error-target",
            f"http://127.0.0.1:{self.hub}/hub/error",
        ]
        self.spawn("proxy", argv, CONFIGPROXY_AUTH_TOKEN=self.secret)

    def start_hub(self) -> None:
        """Start the hub and return when it answers."""
        config = self.folder / "jupyterhub_config.py"
        words = {name: value for name, value in vars(self).items() if name != "processes"}
        config.write_text(CONFIG.format(**words))
        self.spawn("hub", [sys.executable, "-m", "jupyterhub", "-f", str(config)])
        wait_for(f"{self.url}hub/api/")

    def start_portal(self, **settings: str) -> None:
        """Start the portal and return when it answers."""
        environment = {
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{self.hub}/hub/api",
            "JUPYTERHUB_API_TOKEN": self.service_token,
            "JUPYTERHUB_SERVICE_PREFIX": "/services/portal/",
            "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{self.portal}/services/portal/",
            "JUPYTERHUB_CLIENT_ID": "service-portal",
            "JUPYTERHUB_BASE_URL": "/",
            "JUPYTERHUB_PUBLIC_HUB_URL": f"{self.url}hub/",
            "URANIBORG_HOME": str(self.folder / "home"),
            "URANIBORG_NETWORK": "false",
            "URANIBORG_SIGN_IN__FRESH_SECONDS": "1",
        }
        self.spawn("portal", [sys.executable, "-m", "uraniborg_portal"], **environment, **settings)
        wait_for(f"http://127.0.0.1:{self.portal}/services/portal/api/health")

    def stop(self, name: str) -> None:
        """End a process."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def token(self, user: str, scopes: list[str] | None = None) -> str:
        """A new hub token of a user."""
        admin = {"Authorization": f"token {self.admin_token}"}
        httpx.post(f"{self.url}hub/api/users/{user}", headers=admin, trust_env=False, verify=False)
        body = {"note": "test"} | ({"scopes": scopes} if scopes else {})
        answer = httpx.post(
            f"{self.url}hub/api/users/{user}/tokens", headers=admin, json=body, trust_env=False, verify=False
        )
        return str(answer.raise_for_status().json()["token"])

    def revoke(self, user: str, token: str) -> None:
        """Revoke a token as its owner does."""
        mine = {"Authorization": f"token {token}"}
        listed = httpx.get(f"{self.url}hub/api/users/{user}/tokens", headers=mine, trust_env=False, verify=False).json()
        for each in listed["api_tokens"]:
            url = f"{self.url}hub/api/users/{user}/tokens/{each['id']}"
            httpx.delete(url, headers={"Authorization": f"token {self.admin_token}"}, trust_env=False, verify=False)

    @contextmanager
    def browser(self, user: str) -> Iterator[httpx.Client]:
        """A client that signed in on the hub's page, as a browser does."""
        with httpx.Client(
            base_url=self.portal_url, follow_redirects=True, trust_env=False, verify=False, timeout=30
        ) as client:
            self.sign_in(client, user)
            yield client

    def sign_in(self, client: httpx.Client, user: str) -> None:
        """Fill the hub's sign-in page."""
        page = client.get(f"{self.url}hub/login")
        xsrf = page.cookies.get("_xsrf", path="/hub/") or client.cookies.get("_xsrf", path="/hub/") or ""
        form = {"username": user, "password": self.password, "_xsrf": xsrf}
        client.post(f"{self.url}hub/login", data=form, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture(scope="module")
def hub_and_portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubAndPortal]:
    """A hub, its proxy and the portal, for the tests of one file."""
    public, hub, api, portal = free_ports(4)
    running = HubAndPortal(tmp_path_factory.mktemp("hub"), public, hub, api, portal)
    try:
        running.start_proxy()
        running.start_hub()
        running.start_portal()
        wait_for(f"{running.portal_url}api/health")
        yield running
    finally:
        for name in list(running.processes):
            running.stop(name)


SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def get(running: HubAndPortal, path: str, **headers: str) -> httpx.Response:
    return httpx.get(running.portal_url + path, headers=headers, trust_env=False, verify=False, timeout=30)


def who(answer: httpx.Response) -> str | None:
    name: str | None = answer.json()["name"]
    return name


def challenges(answer: httpx.Response) -> list[str]:
    """The schemes offered; the proxy joins the headers of one name."""
    return re.findall(r"(\w+) realm=", answer.headers["www-authenticate"])


def basic(token: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{token}".encode()).decode()


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "token {}", "basic"])
def test_hub_tokens_sign_in(hub_and_portal: HubAndPortal, form: str) -> None:
    token = hub_and_portal.token("tycho")
    header = basic(token) if form == "basic" else form.format(token)
    answer = get(hub_and_portal, "api/me", Authorization=header)
    assert who(answer) == "tycho"
    assert answer.headers["x-vo-authenticated"] == "tycho"
    assert get(hub_and_portal, "api/queries", Authorization=header).json() == []


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic !!!", "Basic bm9jb2xvbg==", "Digest x", "Bearer"])
def test_what_is_no_token_of_the_hub_is_refused_with_challenges(hub_and_portal: HubAndPortal, header: str) -> None:
    answer = get(hub_and_portal, "api/me", Authorization=header)
    assert answer.status_code == 401
    assert answer.json()["error"] == "sign_in_needed"
    assert challenges(answer) == ["Basic", "Bearer"]


def test_a_token_without_access_to_the_portal_is_refused(hub_and_portal: HubAndPortal) -> None:
    token = hub_and_portal.token("tycho", ["read:users!user=tycho"])
    assert get(hub_and_portal, "api/me", Authorization=f"Bearer {token}").status_code == 401


def test_the_tokens_of_services_sign_nobody_in(hub_and_portal: HubAndPortal) -> None:
    header = f"Bearer {hub_and_portal.admin_token}"
    assert get(hub_and_portal, "api/me", Authorization=header).status_code == 401


def test_nobody_reads_and_is_told_how_to_sign_in(hub_and_portal: HubAndPortal) -> None:
    answer = get(hub_and_portal, "api/me")
    assert who(answer) is None
    assert challenges(answer) == ["Basic", "Bearer"]
    assert get(hub_and_portal, "api/resolve?name=M42").status_code == 200
    assert get(hub_and_portal, "api/queries").status_code == 401


def test_a_browser_is_not_offered_basic(hub_and_portal: HubAndPortal) -> None:
    answer = get(hub_and_portal, "api/queries", **{"Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 401
    assert challenges(answer) == ["Bearer"]


def test_a_browser_signs_in_and_out(hub_and_portal: HubAndPortal) -> None:
    with hub_and_portal.browser("sophie") as browser:
        assert who(browser.get("api/me")) is None
        page = browser.get("login?next=/services/portal/api/me")
        assert who(page) == "sophie"
        cookie = next(each for each in browser.cookies.jar if each.name == "uraniborg-portal")
        assert cookie.path == "/services/portal/"
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert cookie.get_nonstandard_attr("SameSite") == "lax"
        browser.get("logout")
        assert who(browser.get("api/me")) is None
        assert urlsplit(str(browser.get("login").url)).path == "/hub/login"


def test_the_hubs_own_log_out_ends_the_session(hub_and_portal: HubAndPortal) -> None:
    with hub_and_portal.browser("sophie") as browser:
        browser.get("login")
        assert who(browser.get("api/me")) == "sophie"
        browser.get(f"{hub_and_portal.url}hub/logout")
        assert who(browser.get("api/me")) is None


def to_callback(browser: httpx.Client, **parameters: str) -> httpx.Request:
    """Sign in up to the request that brings the hub's code back; that request is not sent."""
    response = browser.get("login", params=parameters, follow_redirects=False)
    while True:
        assert response.next_request is not None
        if response.next_request.url.path.endswith("oauth_callback"):
            return response.next_request
        response = browser.send(response.next_request, follow_redirects=False)


def test_sign_in_is_bound_to_the_browser_that_started_it(hub_and_portal: HubAndPortal) -> None:
    with hub_and_portal.browser("sophie") as one, hub_and_portal.browser("tycho") as other:
        start = one.get("login", follow_redirects=False)
        sent = parse_qs(urlsplit(start.headers["location"]).query)
        assert sent["code_challenge_method"] == ["S256"]
        callback = str(to_callback(one).url)
        assert other.get(callback, follow_redirects=False).status_code == 400
        assert one.get(callback, follow_redirects=False).status_code == 303
        assert one.get(callback, follow_redirects=False).status_code == 400


@pytest.mark.parametrize(
    "next_path",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "/hub/logout",
        "javascript:alert(1)",
        "/services/portal/../..//x",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(hub_and_portal: HubAndPortal, next_path: str) -> None:
    with hub_and_portal.browser("sophie") as browser:
        response = browser.send(to_callback(browser, next=next_path), follow_redirects=False)
        assert response.headers["location"] == "/services/portal/"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json", **SAME_ORIGIN}, 200),
        ({"Content-Type": "application/json", "Origin": "same"}, 200),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "same-site"}, 403),
        ({"Content-Type": "application/json", "Origin": "http://evil.example"}, 403),
        ({"Content-Type": "application/json"}, 403),
        ({"Content-Type": "text/plain", **SAME_ORIGIN}, 403),
        ({"Content-Type": "application/x-www-form-urlencoded", **SAME_ORIGIN}, 403),
        ({**SAME_ORIGIN}, 403),
    ],
)
def test_cookies_sign_no_forged_request(hub_and_portal: HubAndPortal, headers: dict[str, str], status: int) -> None:
    origin = hub_and_portal.url.rstrip("/")
    sent = {name: origin if value == "same" else value for name, value in headers.items()}
    with hub_and_portal.browser("sophie") as browser:
        browser.get("login")
        body = b'{"catalog": "hipparcos"}'
        answer = browser.post("api/queries/form", content=body, headers=sent)
        assert answer.status_code == status, answer.text
        token = hub_and_portal.token("sophie")
    alone = {name: value for name, value in sent.items() if name != "Content-Type"}
    signed = {**alone, "Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    assert httpx.post(
        f"{hub_and_portal.portal_url}api/queries/form", content=body, headers=signed, trust_env=False, verify=False
    ).is_success


def test_a_revoked_token_stops_within_the_fresh_time(hub_and_portal: HubAndPortal) -> None:
    token = hub_and_portal.token("kepler")
    header = f"Bearer {token}"
    assert who(get(hub_and_portal, "api/me", Authorization=header)) == "kepler"
    hub_and_portal.revoke("kepler", token)
    end = time.monotonic() + 10
    while get(hub_and_portal, "api/me", Authorization=header).status_code == 200:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert get(hub_and_portal, "api/me", Authorization=header).status_code == 401


def test_with_the_hub_down_what_was_checked_keeps_working(hub_and_portal: HubAndPortal) -> None:
    known, unknown = hub_and_portal.token("tycho"), hub_and_portal.token("kepler")
    with hub_and_portal.browser("sophie") as browser, hub_and_portal.browser("kirsten") as stranger:
        browser.get("login")
        assert who(browser.get("api/me")) == "sophie"
        assert who(get(hub_and_portal, "api/me", Authorization=f"Bearer {known}")) == "tycho"
        hub_and_portal.stop("hub")
        try:
            time.sleep(1.5)
            assert who(get(hub_and_portal, "api/me", Authorization=f"Bearer {known}")) == "tycho"
            assert who(browser.get("api/me")) == "sophie"
            assert get(hub_and_portal, "api/resolve?name=M42").status_code == 200
            refused = get(hub_and_portal, "api/me", Authorization=f"Bearer {unknown}")
            assert refused.status_code == 503
            assert "hub does not answer" in refused.json()["message"]
            assert who(stranger.get("api/me")) is None
        finally:
            hub_and_portal.start_hub()
    assert who(get(hub_and_portal, "api/me", Authorization=f"Bearer {known}")) == "tycho"
