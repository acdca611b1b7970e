"""The portal's verbs of the command `uraniborg`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from uraniborg_portal.adql.cli import register as register_adql
from uraniborg_portal.catalogs.cli import register as register_catalog
from uraniborg_portal.instruments.cli import register as register_instrument
from uraniborg_portal.registry.cli import register as register_data


def register(root: typer.Typer) -> None:
    """Add the portal's verbs."""
    register_adql(root)
    register_catalog(root)
    register_data(root)
    register_instrument(root)

    @root.command("serve")
    def serve_command(
        port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = None,
        host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    ) -> None:
        """Run the portal alone, without the hub: catalogs and queries, for anonymous reading.

        Example: uraniborg serve --port 8080
        """
        # Imported when it runs: a verb of another package must not wait for the portal's seconds of imports.
        from uraniborg_portal.identity.models import HubService
        from uraniborg_portal.serve import serve
        from uraniborg_portal.settings import Settings

        given = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
        settings = Settings().model_copy(update=given)
        hub = HubService.from_environment(os.environ)
        serve(settings, hub, announce=lambda url: typer.echo(f"The portal is at {url} (Ctrl-C ends it)."))
