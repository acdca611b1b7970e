"""The command `uraniborg`: its verbs come from the installed packages (entry point group `uraniborg.commands`)."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from uraniborg._version import __version__

GROUP = "uraniborg.commands"
"""Each entry point is a function that takes the root `typer.Typer` and adds its verbs to it."""


def build() -> typer.Typer:
    """Give the root command with every verb of the installed packages."""
    root = typer.Typer(
        name="uraniborg",
        help="A science platform: notebooks, catalogs, instruments and pools.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )

    @root.callback(invoke_without_command=True)
    def options(
        version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
        debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of an error.")] = False,
    ) -> None:
        if version:
            typer.echo(__version__)
            raise typer.Exit

    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        entry.load()(root)
    return root


def main() -> None:
    """Run the command line; an error that has words for a user is one sentence on stderr and exit code 1."""
    arguments = [word for word in sys.argv[1:] if word != "--debug"]
    try:
        build()(arguments)
    except Exception as error:
        if len(arguments) < len(sys.argv[1:]) or not hasattr(error, "remedy"):
            raise
        words = escape(f"{error} {error.remedy}".rstrip())
        Console(stderr=True).print(f"[red]uraniborg:[/red] {words}", soft_wrap=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
