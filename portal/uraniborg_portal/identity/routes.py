"""Routes of signing in and out."""

from __future__ import annotations

import secrets

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse

from uraniborg_portal.context import Context, ProcessContext
from uraniborg_portal.errors import BadParameter, NotFound
from uraniborg_portal.identity import oauth, sessions
from uraniborg_portal.identity.challenges import vo_headers
from uraniborg_portal.identity.dependencies import HUB_SESSION, OptionalUser
from uraniborg_portal.identity.hub_sign_in import HubSignIn

router = APIRouter()


def hub_of(context: ProcessContext) -> HubSignIn:
    """Give what signs people in.

    Raises
    ------
    NotFound
        The portal runs without a hub.
    """
    if context.sign_in is None:
        raise NotFound(
            "This portal runs alone ('uraniborg serve'), so that nobody can sign in.",
            "Start the whole platform with 'uraniborg up'.",
        )
    return context.sign_in


@router.get("/login")
@router.get("/oauth_start")
async def login(request: Request, context: Context, next: str = "") -> RedirectResponse:
    """Send the browser to the hub to sign in; anyone. `next`: the portal's page to show afterwards."""
    hub, prefix = hub_of(context), request.app.state.prefix
    sign_in = oauth.start(oauth.local_path(next, prefix))
    response = RedirectResponse(oauth.authorize_url(hub.hub, prefix, sign_in), 303)
    hub.cookies.keep_sign_in(request, response, sign_in)
    return response


@router.get("/oauth_callback")
async def oauth_callback(
    request: Request, context: Context, state: str = "", code: str = "", error: str = "", error_description: str = ""
) -> RedirectResponse:
    """End the sign-in that this browser started; anyone with the cookie of that start."""
    hub, prefix = hub_of(context), request.app.state.prefix
    sign_in = hub.cookies.sign_in(request)
    if sign_in is None or not secrets.compare_digest(sign_in.state.encode(), state.encode()):
        raise BadParameter("This browser did not start this sign-in, or more than 10 minutes ago.", "Sign in again.")
    if error or not code:
        raise BadParameter(f"The hub did not sign you in: {(error_description or error)[:200]}.", "Sign in again.")
    token = await oauth.token_of_code(hub.hub, hub.client, prefix, code, sign_in.verifier)
    response = RedirectResponse(sign_in.next, 303)
    hub.cookies.keep_token(request, response, token)
    hub.cookies.forget(response, sessions.STATE)
    return response


@router.get("/logout")
async def logout(request: Request, context: Context) -> RedirectResponse:
    """Forget this browser's session, here and on the hub; anyone."""
    hub = hub_of(context)
    token = hub.cookies.token(request)
    if token:
        hub.tokens.forget(token, request.cookies.get(HUB_SESSION, ""))
    response = RedirectResponse(f"{hub.hub.hub_path}logout", 303)
    hub.cookies.forget(response, sessions.SESSION)
    return response


@router.get("/api/me")
async def me(request: Request, user: OptionalUser) -> JSONResponse:
    """Say who asks: `{"name": null}` for nobody; anyone."""
    answer = JSONResponse({"name": user.name if user else None, "admin": bool(user and user.admin)})
    for name, value in vo_headers(request.headers, user):
        answer.headers.append(name, value)
    return answer
