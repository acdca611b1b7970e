"""The table of sources, in the order in which they are asked."""

from __future__ import annotations

import httpx

from uraniborg_portal.resolver.coordinates import Coordinates
from uraniborg_portal.resolver.deep_sky import deep_sky
from uraniborg_portal.resolver.events import events
from uraniborg_portal.resolver.models import Source
from uraniborg_portal.resolver.resolver import Resolver
from uraniborg_portal.resolver.sesame import Sesame
from uraniborg_portal.resolver.stars import Stars
from uraniborg_portal.settings import Settings


def make_resolver(settings: Settings) -> Resolver:
    """Give the resolver: local first, then CDS Sesame where the settings allow the network."""
    local: tuple[Source, ...] = (Coordinates(), events(), Stars(), deep_sky())
    if not settings.network:
        return Resolver(local)
    client = httpx.Client(timeout=settings.sesame_seconds, follow_redirects=True)
    return Resolver((*local, Sesame(settings.sesame_url, client)))
