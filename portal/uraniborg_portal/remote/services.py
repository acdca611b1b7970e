"""Which services there are, and which hosts may be asked; pure."""

from __future__ import annotations

from collections.abc import Mapping

from uraniborg_portal.errors import NotFound
from uraniborg_portal.outside.hosts import ANY, AllowedHosts, check_url, host_of
from uraniborg_portal.remote.models import Service
from uraniborg_portal.settings import RemoteTap

PRESETS = (
    Service(name="gaia", title="Gaia Archive, ESA", url="https://gea.esac.esa.int/tap-server/tap"),
    Service(name="vizier", title="VizieR, CDS", url="https://tapvizier.cds.unistra.fr/TAPVizieR/tap"),
    Service(name="simbad", title="SIMBAD, CDS", url="https://simbad.cds.unistra.fr/simbad/sim-tap"),
    Service(name="rsp", title="Rubin Science Platform", url="https://data.lsst.cloud/api/tap"),
)
"""Services that every portal with a network offers."""


def services_of(settings: RemoteTap, *, network: bool) -> Mapping[str, Service]:
    """Give the services by their names in lower case; those of the settings come first, and replace presets."""
    own = [Service(name=name, title=name, url=url.rstrip("/")) for name, url in settings.services.items()]
    presets = PRESETS if network and settings.presets else ()
    known = {each.name.lower(): each for each in own}
    return {**known, **{each.name: each for each in presets if each.name not in known}}


def allowed_hosts(settings: RemoteTap, *, network: bool) -> AllowedHosts:
    """Give the hosts that may be asked: those that an operator names, whatever their addresses, and presets."""
    named = {host_of(url) for url in settings.services.values()} | {host.lower() for host in settings.hosts}
    presets = PRESETS if network and settings.presets else ()
    return AllowedHosts(
        named=frozenset(named - {ANY, ""}),
        public=frozenset(host_of(each.url) for each in presets),
        every=network and ANY in settings.hosts,
    )


def find(given: str, services: Mapping[str, Service], allowed: AllowedHosts) -> Service:
    """Give the service of a name or an address.

    Raises
    ------
    NotFound
        None has this name.
    BadParameter
        The host of the address may not be asked.
    """
    known = services.get(given.strip().lower())
    if known:
        return known
    if "://" not in given:
        raise NotFound(
            f"There is no service {given[:80]!r}; known: {', '.join(services) or 'none'}.",
            "Name one of them, or give the address of a TAP service.",
            field="service",
            suggestions=tuple(services),
        )
    url = given.strip().rstrip("/")
    check_url(url, allowed, "service")
    return Service(name=url, title=host_of(url), url=url)
