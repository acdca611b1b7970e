"""Route parameters that say who asks."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from uraniborg_portal.address import portal_of
from uraniborg_portal.catalogs.readable import ReadableCatalogs
from uraniborg_portal.context import Context
from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.errors import SignInNeeded, Unavailable
from uraniborg_portal.identity.credentials import ACCEPTED, token_of_header
from uraniborg_portal.identity.models import User
from uraniborg_portal.identity.same_origin import check_same_origin
from uraniborg_portal.user_tables.readable import ReadableTables

HUB_SESSION = "jupyterhub-session-id"
"""The hub's cookie that changes when its user logs out there."""


async def optional_user(request: Request, context: Context) -> User | None:
    """Give who asks, None for nobody.

    Raises
    ------
    SignInNeeded
        The request brings a token that the hub does not accept.
    NotAllowed
        A cookie signs a request that a page of another site could have made.
    Unavailable
        The hub does not answer and the token was not checked before.
    """
    by_header = "authorization" in request.headers
    user = await (user_of_header if by_header else user_of_cookie)(request, context)
    # An error page shows it, and asks nobody.
    request.state.user = user
    return user


async def user_of_header(request: Request, context: Context) -> User:
    """Give the user of the `Authorization` header."""
    token = token_of_header(request.headers["authorization"])
    if context.sign_in is None:
        raise SignInNeeded("This portal runs without a hub, so that no token is known.", "Ask without a token.")
    user = await context.sign_in.tokens.user(token)
    if user is None:
        raise SignInNeeded("The hub does not know this token, or it may not be used for the portal.", ACCEPTED)
    return user


async def user_of_cookie(request: Request, context: Context) -> User | None:
    """Give the user of the browser's session.

    A session that can't be checked while the hub is down reads public pages as nobody; what needs a user says why.
    """
    token = context.sign_in.cookies.token(request) if context.sign_in else None
    if context.sign_in is None or token is None:
        return None
    check_same_origin(request.method, request.headers)
    try:
        return await context.sign_in.tokens.user(token, request.cookies.get(HUB_SESSION, ""))
    except Unavailable as trouble:
        request.state.sign_in_trouble = trouble
        return None


OptionalUser = Annotated[User | None, Depends(optional_user)]
"""A route parameter of this type is who asks, None for nobody."""


async def required_user(request: Request, user: OptionalUser, context: Context) -> User:
    """Give who asks.

    Raises
    ------
    SignInNeeded
        Nobody signed in.
    Unavailable
        A browser's session can't be checked, because the hub does not answer.
    """
    if user is None:
        check_sign_in_trouble(request)
        raise SignInNeeded("This needs a signed-in user.", how_to_sign_in(context))
    return user


RequiredUser = Annotated[User, Depends(required_user)]
"""A route parameter of this type is the signed-in user; nobody gets 401."""


def check_sign_in_trouble(request: Request) -> None:
    """Raise what kept this browser's session from being checked, if anything did."""
    trouble: Unavailable | None = getattr(request.state, "sign_in_trouble", None)
    if trouble:
        raise trouble


async def reader(request: Request, user: OptionalUser, context: Context) -> None:
    """Let pass those who may read public catalogs and products: everybody, unless the settings say otherwise.

    Raises
    ------
    SignInNeeded
        Nobody signed in, and `anonymous_reading` is off.
    """
    if user is None and not context.settings.anonymous_reading:
        check_sign_in_trouble(request)
        raise SignInNeeded("This portal shows its catalogs to signed-in users only.", how_to_sign_in(context))


async def readable_catalogs(user: OptionalUser, context: Context) -> ReadableCatalogs:
    """Give the catalogs that the caller may read."""
    return ReadableCatalogs(context.catalogs, user)


ReaderCatalogs = Annotated[ReadableCatalogs, Depends(readable_catalogs)]
"""A route parameter of this type is the catalogs that the caller may read: routes show no others."""


async def public_catalogs(context: Context) -> ReadableCatalogs:
    """Give the catalogs that nobody in particular may read, whoever asks."""
    return ReadableCatalogs(context.catalogs, None)


PublicCatalogs = Annotated[ReadableCatalogs, Depends(public_catalogs)]
"""A route parameter of this type is the catalogs that everyone may read: for what is told to the world."""


async def readable_tables(user: OptionalUser, context: Context) -> ReadableTables:
    """Give the tables of users that the caller may query."""
    return context.user_tables.readable(user)


ReaderTables = Annotated[ReadableTables, Depends(readable_tables)]
"""A route parameter of this type is the tables of users that the caller may query: routes show no others."""


async def readable_engine(
    request: Request, user: OptionalUser, catalogs: ReaderCatalogs, tables: ReaderTables, context: Context
) -> Engine:
    """Give the engine over the catalogs, the tables of users, and the table of datasets, that the caller may read."""
    return context.engine.reading(catalogs, tables, context.holdings.table(user, catalogs, portal_of(request)))


ReaderEngine = Annotated[Engine, Depends(readable_engine)]
"""A route parameter of this type answers ADQL over what the caller may read."""


def how_to_sign_in(context: Context) -> str:
    """Give the sentence on what to do next."""
    if context.sign_in is None:
        return "This portal runs alone ('uraniborg serve'); start the whole platform with 'uraniborg up' to sign in."
    return ACCEPTED
