"""A hub token for programs (TOPCAT, STILTS, pyvo, scripts), had by signing in as a person would."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from uraniborg_hub.errors import PlatformError


def make_token(link: str, url: str, user: str, *, note: str, days: float) -> str:
    """Sign in by a fresh one-time link and give a new token of `user`.

    The token may use the portal and the pools as that user, and stops working after `days`. It is listed on the
    hub's token page under `note`, where it can be revoked.

    Raises
    ------
    PlatformError
        The hub does not answer, or refuses the link.
    """
    try:
        with httpx.Client(follow_redirects=True, timeout=20, trust_env=False) as client:
            _sign_in(client, link)
            return _ask(client, url, user, {"note": note, "expires_in": int(days * 86400)})
    except httpx.HTTPError as error:
        raise PlatformError(f"The hub at {url} refused ({error}).", "`uraniborg doctor` checks it.") from error


def _sign_in(client: httpx.Client, link: str) -> None:
    page = client.get(link).raise_for_status()
    form = {"token": httpx.URL(link).params["token"], "_xsrf": client.cookies.get("_xsrf", path="/hub/") or ""}
    client.post(str(page.url.copy_with(query=None)), data=form).raise_for_status()


def _ask(client: httpx.Client, url: str, user: str, wanted: dict[str, str | int]) -> str:
    client.get(f"{url}hub/token").raise_for_status()
    xsrf = client.cookies.get("_xsrf", path="/hub/") or ""
    answer = client.post(f"{url}hub/api/users/{quote(user)}/tokens", json=wanted, params={"_xsrf": xsrf})
    return str(answer.raise_for_status().json()["token"])
