"""`uraniborg data`: which data files there are, and fetching them."""

from __future__ import annotations

from typing import Annotated

import typer


def register(root: typer.Typer) -> None:
    """Add the verb `data`."""
    group = typer.Typer(help="Data files of the instruments: list and fetch.", no_args_is_help=True)
    group.command("list")(list_files)
    group.command("fetch")(fetch_files)
    root.add_typer(group, name="data")


# Each verb imports what it needs when it runs: other verbs must not wait for it.


def list_files() -> None:
    """List the data files: name, size, whether they are on this machine, licence.

    Example: uraniborg data list
    """
    from uraniborg_portal.registry import verbs

    verbs.show_list()


def fetch_files(
    names: Annotated[list[str], typer.Argument(help="Names as `uraniborg data list` gives them, or `all`.")],
) -> None:
    """Fetch data files and print where they are.

    Example: uraniborg data fetch gw/skymaps/gwtc/GW170814.fits
    """
    from uraniborg_portal.registry import verbs

    verbs.fetch(names)
