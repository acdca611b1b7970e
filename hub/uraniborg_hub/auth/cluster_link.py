"""`uraniborg link` in the hub's pod on a cluster."""

from __future__ import annotations

from uraniborg_hub.auth.choice import authenticator_class
from uraniborg_hub.auth.link import LinkAuthenticator
from uraniborg_hub.auth.links import issue
from uraniborg_hub.errors import PlatformError
from uraniborg_hub.settings import HubSettings


def cluster_link(settings: HubSettings, user: str | None) -> str:
    """Give a fresh one-time link that signs `user` in at the platform's public address; it works for ten minutes.

    Raises
    ------
    PlatformError
        People sign in another way here, nobody is named, or this is not the hub's pod.
    """
    chosen = settings.hub.authenticator
    if not issubclass(authenticator_class(chosen), LinkAuthenticator):
        raise PlatformError(
            f"People sign in by {chosen!r} here (hub.authenticator), which takes no links.",
            "Give them an account there, or leave hub.authenticator out for sign-in by links.",
        )
    name = user or (settings.owner if settings.has_owner else "")
    if not name:
        raise PlatformError("On a cluster nobody is the owner.", "Say who signs in: `uraniborg link NAME`.")
    try:
        return f"{settings.public_url}hub/link?token={issue(settings.home, name)}"
    except OSError as error:
        what = f"No link can be kept in {settings.home}: {error.strerror}."
        raise PlatformError(what, "Run this in the hub's pod, as its user.") from error
