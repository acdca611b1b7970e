"""Who asks: a hub token, a session cookie, or nobody. Route parameters are in `identity.dependencies`."""

from uraniborg_portal.identity.models import User

__all__ = ["User"]
