"""Any JupyterHub authenticator by name: a table of names, one with a user list, one OAuth provider."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from uraniborg_hub.auth.choice import authenticator_class, check_options
from uraniborg_hub.errors import PlatformError

if TYPE_CHECKING:
    from conftest import Hub, Provider


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("link", "LinkAuthenticator"),
        ("null", "NullAuthenticator"),
        ("shared-password", "SharedPasswordAuthenticator"),
        ("generic-oauth", "GenericOAuthenticator"),
        ("oauthenticator.github.GitHubOAuthenticator", "GitHubOAuthenticator"),
        ("jupyterhub.auth:PAMAuthenticator", "PAMAuthenticator"),
    ],
)
def test_a_name_gives_its_class(name: str, expected: str) -> None:
    assert authenticator_class(name).__name__ == expected


@pytest.mark.parametrize(
    "name", ["", "lnik", "no.such.Class", "os.path", "pathlib.Path", "jupyterhub.auth.Nobody", ".", ":"]
)
def test_a_wrong_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(PlatformError) as refusal:
        authenticator_class(name)
    assert repr(name) in str(refusal.value) and "link" in refusal.value.remedy


def test_an_unknown_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(PlatformError) as refusal:
        check_options(authenticator_class("generic-oauth"), {"authorise_url": "https://example.org"})
    assert "authorize_url" in refusal.value.remedy


@pytest.mark.platform
def test_an_authenticator_with_a_user_list(start_hub: Callable[..., Hub]) -> None:
    hub = start_hub(
        URANIBORG_HUB__AUTHENTICATOR="shared-password",
        URANIBORG_HUB__AUTHENTICATOR_OPTIONS=json.dumps({"user_password": "stjerneborg-1584"}),
        URANIBORG_HUB__ALLOWED_USERS=json.dumps(["kepler", "sophie"]),
    )

    def sign_in(user: str, password: str) -> str:
        with hub.browser() as browser:
            page = browser.get("/hub/login")
            form = hub.fields(page.text) | {"username": user, "password": password}
            browser.post("/hub/login", data=form, follow_redirects=False)
            return browser.get("/hub/home").url.path

    assert sign_in("kepler", "stjerneborg-1584") == "/hub/home"
    assert sign_in("sophie", "stjerneborg-1584") == "/hub/home"
    assert sign_in("kepler", "wrong") == "/hub/login"
    assert sign_in("galilei", "stjerneborg-1584") == "/hub/login"
    with hub.browser() as browser:
        assert browser.get("/hub/link").status_code == 404


@pytest.mark.platform
def test_a_provider_of_oauth(start_hub: Callable[..., Hub], provider: Provider) -> None:
    hub = start_hub(
        URANIBORG_HUB__AUTHENTICATOR="generic-oauth",
        URANIBORG_HUB__ALLOWED_USERS=json.dumps(["kepler"]),
        URANIBORG_HUB__AUTHENTICATOR_OPTIONS=json.dumps(
            {
                "client_id": provider.client_id,
                "client_secret": provider.client_secret,
                "authorize_url": f"{provider.url}/authorize",
                "token_url": f"{provider.url}/token",
                "userdata_url": f"{provider.url}/userinfo",
                "username_claim": "preferred_username",
                "scope": ["profile"],
                "login_service": "the observatory",
            }
        ),
    )
    provider.callback = f"{hub.url}/hub/oauth_callback"

    def sign_in(user: str, password: str) -> tuple[int, str]:
        with hub.browser() as browser:
            assert "Sign in with the observatory" in browser.get("/hub/login").text
            form = browser.get("/hub/oauth_login", params={"next": "/hub/home"})
            assert str(form.url).startswith(f"{provider.url}/authorize?") and form.status_code == 200
            answer = browser.post(str(form.url), data={"user": user, "password": password})
            return answer.status_code, browser.get("/hub/home").url.path

    assert sign_in("kepler", "mars-1609") == (200, "/hub/home")
    assert sign_in("kepler", "wrong") == (403, "/hub/login")
    assert sign_in("galilei", "jupiter-1610") == (403, "/hub/login")
    assert provider.client_secret not in hub.log and "mars-1609" not in hub.log
