"""The OAuth 2 code flow with the hub (RFC 6749 section 4.1, PKCE of RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import unquote, urlencode

import httpx

from uraniborg_portal.errors import SignInNeeded, Unavailable
from uraniborg_portal.identity.models import HubService
from uraniborg_portal.identity.sessions import SignIn


def start(next_path: str) -> SignIn:
    """Begin a sign-in: fresh secrets, bound to one browser by its cookie."""
    return SignIn(state=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(48), next=next_path)


def challenge(verifier: str) -> str:
    """Give the S256 challenge of a PKCE verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def callback(hub: HubService, prefix: str) -> str:
    """Give the path or URL to which the hub sends the browser back, as the hub registered it."""
    return hub.callback or f"{prefix}oauth_callback"


def authorize_url(hub: HubService, prefix: str, sign_in: SignIn) -> str:
    """Give the hub's page that asks whether the portal may know who the user is."""
    query = {
        "client_id": hub.client_id,
        "redirect_uri": callback(hub, prefix),
        "response_type": "code",
        "state": sign_in.state,
        "code_challenge": challenge(sign_in.verifier),
        "code_challenge_method": "S256",
    }
    return f"{hub.hub_path}api/oauth2/authorize?{urlencode(query)}"


def local_path(path: str, prefix: str) -> str:
    """Give `path` if it is a path below the portal's prefix, otherwise the prefix.

    Nothing else leaves this function: no other host (`//host`, `https:`, a backslash that browsers read as a slash),
    no control characters, no step out of the prefix.
    """
    if not path.startswith(prefix) or not path.isprintable() or "\\" in path:
        return prefix
    where = unquote(path.partition("#")[0].partition("?")[0])
    return prefix if ".." in where.split("/") else path


async def token_of_code(hub: HubService, client: httpx.AsyncClient, prefix: str, code: str, verifier: str) -> str:
    """Exchange the code for the user's token.

    Raises
    ------
    SignInNeeded
        The hub refuses the code: it was used before, or its time is over.
    Unavailable
        The hub does not answer.
    """
    form = {
        "client_id": hub.client_id,
        "client_secret": hub.api_token,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": callback(hub, prefix),
        "code_verifier": verifier,
    }
    try:
        answer = await client.post(f"{hub.api_url}/oauth2/token", data=form)
    except httpx.HTTPError as error:
        raise Unavailable(
            "The hub does not answer, so that nobody can sign in now.", "Try again in a minute."
        ) from error
    token = answer.json().get("access_token") if answer.status_code == 200 else None
    if not isinstance(token, str):
        raise SignInNeeded("The hub refused this sign-in: its code was used before or is too old.", "Sign in again.")
    return token
