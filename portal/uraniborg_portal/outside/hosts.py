"""Which hosts may be asked on behalf of a user: the one place that decides it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from uraniborg_portal.errors import BadParameter

SCHEMES = ("http", "https")
ANY = "any"
"""Among an operator's hosts: every host with a public address."""
TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that stand for IPv4 ones (RFC 6052, section 2.1)."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, kw_only=True)
class AllowedHosts:
    """The hosts that may be asked, in lower case."""

    named: frozenset[str] = frozenset()
    """An operator named them, whatever their addresses are: they may be of this network."""
    public: frozenset[str] = frozenset()
    """Known ones, as long as all their addresses are public."""
    every: bool = False
    """Whether any other host with public addresses may be asked, too."""

    @property
    def accepted(self) -> str:
        """The words for what is accepted."""
        named = sorted(self.named | self.public)
        return ", ".join([*named, *(["any host with a public address"] if self.every else [])]) or "none"

    def allows(self, host: str) -> bool:
        """Say whether a host may be asked, if its addresses are right."""
        return self.every or host.lower() in self.named | self.public

    def refused_addresses(self, host: str, addresses: Iterable[str]) -> list[str]:
        """Give the addresses of a host that may not be connected to; one is enough to refuse the host."""
        return [] if host.lower() in self.named else [each for each in addresses if not is_public(each)]


def host_of(url: str) -> str:
    """Give the host of a URL, in lower case; empty where it has none, or is no URL."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def check_url(url: str, allowed: AllowedHosts, field: str | None = None) -> None:
    """Let pass an http or https URL without a password, whose host may be asked.

    Raises
    ------
    BadParameter
        It is another one; `field` names where it was given.
    """
    host = host_of(url)
    if not url.lower().startswith(tuple(f"{scheme}://" for scheme in SCHEMES)) or not host:
        raise BadParameter(f"{url[:200]!r} is no address; accepted: http://… and https://….", field=field)
    if "@" in urlsplit(url).netloc:
        raise BadParameter("An address with a user or password is not asked.", "Leave them out.", field=field)
    if not allowed.allows(host):
        raise BadParameter(
            f"The host {host[:80]!r} may not be asked; accepted: {allowed.accepted}.",
            "Ask the operator of this portal to name it in the settings.",
            field=field,
        )


def is_public(address: str) -> bool:
    """Say whether an IP address is of the public internet, and so is one that it stands for.

    Loopback, private, link-local, shared, reserved and multicast ones are not (the IANA special-purpose registries).
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return known.is_global and not known.is_multicast and all(is_public(str(each)) for each in stands_for(known))


def stands_for(address: Address) -> list[Address]:
    """Give the IPv4 addresses that an IPv6 one leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inside: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in TRANSLATED:
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in inside if each is not None]
