"""What the portal has of other TAP services, made once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from uraniborg_portal.engine.engine import Engine
from uraniborg_portal.remote.models import Service
from uraniborg_portal.remote.run import Asker
from uraniborg_portal.remote.services import allowed_hosts, find, services_of
from uraniborg_portal.remote.tables import RemoteTables
from uraniborg_portal.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Remote:
    """Other services, who asks them, and their tables."""

    services: Mapping[str, Service]
    asker: Asker
    tables: RemoteTables

    def find(self, given: str) -> Service:
        """Give the service of a name or an address.

        Raises
        ------
        NotFound, BadParameter
            There is none, or its host may not be asked.
        """
        return find(given, self.services, self.asker.allowed)


def make_remote(settings: Settings, engine: Engine) -> Remote:
    """Give what the settings allow."""
    limits, network = settings.remote_tap, settings.network
    asker = Asker(engine=engine, allowed=allowed_hosts(limits, network=network), limits=limits)
    return Remote(services=services_of(limits, network=network), asker=asker, tables=RemoteTables(asker=asker))
