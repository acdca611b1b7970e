"""The library's verb of the command line: `uraniborg query`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from uraniborg._errors import UraniborgError

if TYPE_CHECKING:
    from uraniborg._portal import Portal

SHOWN = 20
"""Rows printed where no file is named."""


class Format(StrEnum):
    """Formats of a saved result, as the portal names them."""

    votable = "votable"
    fits = "fits"
    csv = "csv"
    parquet = "parquet"
    arrow = "arrow"


EXTENSIONS = {
    ".vot": Format.votable,
    ".xml": Format.votable,
    ".votable": Format.votable,
    ".fits": Format.fits,
    ".fit": Format.fits,
    ".csv": Format.csv,
    ".parquet": Format.parquet,
    ".arrow": Format.arrow,
    ".feather": Format.arrow,
}
"""The format that a file's extension means."""


def register(root: typer.Typer) -> None:
    """Add the verbs to the root command."""
    root.command(name="query", help=query.__doc__)(query)


def query(
    adql: Annotated[str, typer.Argument(help="The query, ADQL; `-` reads it from standard input.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; never overwritten.")] = None,
    form: Annotated[Format | None, typer.Option("--format", help="The file's format, if not by extension.")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Rows given at most.")] = None,
    url: Annotated[str | None, typer.Option(help="The platform's address; this machine's where left out.")] = None,
    token: Annotated[str | None, typer.Option(envvar="URANIBORG_TOKEN", help="A token of the platform.")] = None,
) -> None:
    """Ask a query of the platform's catalogs and print the rows, or save them in a file.

    Examples: `uraniborg query "SELECT TOP 5 * FROM hipparcos"`,
    `uraniborg query "SELECT * FROM openngc" -o openngc.parquet`
    """
    import sys

    from uraniborg._connection import connect

    portal = connect(url, token)
    chosen = _format(output, form) if output else Format.arrow
    request: dict[str, object] = {"adql": sys.stdin.read() if adql == "-" else adql}
    described = portal.post("api/queries", request | ({"rows": rows} if rows else {}))
    if output is None:
        _show(portal, described)
    else:
        _save(portal, f"api/queries/{described['id']}/file?format={chosen}", output)
        typer.echo(f"{described['rows']:,} rows in {output}", err=True)
    if described.get("overflow"):
        typer.echo("More rows exist than were given: pass a larger --rows.", err=True)


def _format(output: Path, form: Format | None) -> Format:
    """Give the format for a file that does not exist yet."""
    if output.exists():
        raise UraniborgError(f"{output} exists and is not overwritten.", "Name another file.")
    chosen = form or EXTENSIONS.get(output.suffix.lower())
    if chosen is None:
        known = ", ".join(EXTENSIONS)
        raise UraniborgError(f"{output.name}: no format is known for {output.suffix!r}.", f"Use one of {known}.")
    return chosen


def _show(portal: Portal, described: dict[str, Any]) -> None:
    from uraniborg._result import build

    table = build(described, portal.content(f"api/queries/{described['id']}/file?format=arrow"))
    lines = table.pformat(max_lines=SHOWN + 4, max_width=-1, show_unit=True)
    typer.echo("\n".join(lines))
    typer.echo(f"{len(table):,} rows", err=True)


def _save(portal: Portal, path: str, output: Path) -> None:
    """Write a file with a bar on the terminal, whole or not at all."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    part = output.with_name(f".{output.name}.part")
    shown = Progress(TextColumn(output.name), BarColumn(), DownloadColumn(), console=Console(stderr=True))
    try:
        with portal.stream(path) as (length, pieces), part.open("wb") as file, shown:
            task = shown.add_task("", total=length)
            for piece in pieces:
                file.write(piece)
                shown.advance(task, len(piece))
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
