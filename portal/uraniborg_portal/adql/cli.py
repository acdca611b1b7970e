"""`uraniborg adql`: look at queries without running them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def register(root: typer.Typer) -> None:
    """Add the verb `adql`."""
    group = typer.Typer(no_args_is_help=True)

    @group.callback()
    def queries() -> None:
        """Queries in ADQL: check them."""

    group.command("check")(check_query)
    root.add_typer(group, name="adql")


# The verb imports what it needs when it runs: other verbs must not wait for it.


def check_query(
    file: Annotated[str, typer.Argument(help="File with one query; - reads standard input.", metavar="FILE|-")],
    grammar: Annotated[
        bool, typer.Option("--grammar", help="Only the standard's grammar: no extensions, no look at tables.")
    ] = False,
) -> None:
    """Say whether a query is valid: exit code 0, or 1 with the place and the reason.

    Examples:

    uraniborg adql check query.adql

    echo "SELECT TOP 5 * FROM hipparcos" | uraniborg adql check -

    uraniborg adql check --grammar query.adql
    """
    text = read(file)
    if grammar:
        from uraniborg_portal.adql.parse import parse

        parse(text, extensions=False)
    else:
        from uraniborg_portal.catalogs.registry import CatalogRegistry
        from uraniborg_portal.engine.engine import Engine
        from uraniborg_portal.resolver.sources import make_resolver
        from uraniborg_portal.settings import Settings

        settings = Settings()
        catalogs = CatalogRegistry(settings.state / "catalogs", settings.shards)
        Engine(catalogs, settings.queries, settings.spill, make_resolver(settings).places_of).plan(text, 1)
    typer.echo("The query is valid.")


def read(file: str) -> str:
    """Give the text of a file, or of the standard input for `-`.

    Raises
    ------
    BadParameter
        It can't be read, or is not UTF-8.
    """
    from uraniborg_portal.errors import BadParameter

    try:
        given = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return given.decode("utf-8-sig")
    except OSError as error:
        raise BadParameter(f"{file} can't be read: {error.strerror}.", "Name a file with one query, or -.") from error
    except UnicodeDecodeError as error:
        raise BadParameter(f"{file} is not text in UTF-8.", "Save the query as UTF-8.") from error
