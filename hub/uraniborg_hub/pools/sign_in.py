"""Signing a browser in: OAuth with the hub (RFC 6749 section 4.1, with PKCE, RFC 7636)."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from uraniborg_hub.pools.context import Context, context
from uraniborg_hub.pools.errors import NotAllowed
from uraniborg_hub.pools.sessions import SESSION, SIGN_IN_SECONDS, SIGNING_IN, challenge, keep, new_secret

router = APIRouter()

AGAIN = "Open the page of pools again."


def to_hub(parts: Context, next_path: str) -> Response:
    """Send a browser to the hub's sign-in, and remember where it wanted to go."""
    state, verifier = new_secret(), new_secret()
    query = urlencode(
        {
            "client_id": parts.service.client_id,
            "redirect_uri": parts.service.callback,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
    )
    response = RedirectResponse(f"{parts.service.authorize_url}?{query}", 302, headers={"Cache-Control": "no-store"})
    sealed = parts.sign_in_seal.sealed({"state": state, "next": next_path, "verifier": verifier})
    keep(response, parts.service, SIGNING_IN + state[:8], sealed, SIGN_IN_SECONDS)
    return response


@router.get("/oauth_callback")
async def callback(request: Request) -> Response:
    """End a sign-in: anyone's browser may come here, with a code of the hub and the cookie of its own beginning."""
    parts = context(request)
    state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
    name = SIGNING_IN + state[:8]
    begun = parts.sign_in_seal.opened(request.cookies.get(name, ""))
    if begun is None or begun["state"] != state:
        raise NotAllowed("This sign-in was not begun here, or too long ago.", AGAIN)
    token = await parts.hub.token_for(code, begun["verifier"]) if code else None
    if token is None:
        raise NotAllowed("The hub did not sign you in.", AGAIN)
    response = RedirectResponse(begun["next"], 302, headers={"Cache-Control": "no-store"})
    keep(response, parts.service, SESSION, parts.session_seal.sealed({"token": token}), parts.limits.session_seconds)
    response.delete_cookie(name, path=parts.service.prefix)
    return response
