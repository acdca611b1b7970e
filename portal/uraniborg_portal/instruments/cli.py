"""`uraniborg instrument`: which instruments there are, their parameters, and running one on this machine."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Column, Table

if TYPE_CHECKING:
    from uraniborg_portal.instruments.models import Instrument

FREE = {"allow_extra_args": True, "ignore_unknown_options": True}
"""The options of `run` are the instrument's parameters."""

# Every function imports the instruments when it runs: a verb of another package must not wait for that.


def register(root: typer.Typer) -> None:
    """Add the verb `instrument`."""
    group = typer.Typer(help="Instruments: list, show parameters, run on this machine.", no_args_is_help=True)
    group.command("list")(list_instruments)
    group.command("show")(show)
    group.command("run", context_settings=FREE)(run)
    root.add_typer(group, name="instrument")


def list_instruments() -> None:
    """List the installed instruments and their products.

    Example: uraniborg instrument list
    """
    from uraniborg_portal.instruments.installed import instruments

    table = Table(Column("name", no_wrap=True), "title", "products", box=None)
    for each in instruments().values():
        table.add_row(each.name, each.title, ", ".join(kind.name for kind in each.products))
    Console().print(table)


def show(name: Annotated[str, typer.Argument(help="As `uraniborg instrument list` gives it.")]) -> None:
    """List the parameters of an instrument: unit, what is accepted, default, meaning.

    Example: uraniborg instrument show gw
    """
    from uraniborg_portal.instruments.installed import instrument
    from uraniborg_portal.instruments.parameters import json_schema
    from uraniborg_portal.instruments.refusals import accepted

    table = Table(Column("option", no_wrap=True), "accepted", "default", "meaning", box=None)
    for parameter, described in json_schema(instrument(name).parameters)["properties"].items():
        default = json.dumps(described.get("default"))
        table.add_row(f"--{parameter.replace('_', '-')}", accepted(described), default, described["description"])
    Console().print(table)


def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="As `uraniborg instrument list` gives it.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the files.")] = Path(),
) -> None:
    """Run an instrument here, without a portal, and print the files that it wrote.

    Its parameters are options (`uraniborg instrument show NAME` lists them).

    Example: uraniborg instrument run gw --event GW150914 --product strain --detector L1 -o waves
    """
    from uraniborg_portal.instruments.installed import instrument

    chosen = instrument(name)
    given = parse(context.args, boolean_names(chosen))
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        written = make(chosen, given, output, Bar(progress, progress.add_task(chosen.title, total=1.0)))
    for path in written:
        typer.echo(path)


def boolean_names(chosen: Instrument) -> frozenset[str]:
    """Give the names of the parameters that are true or false."""
    from uraniborg_portal.instruments.parameters import json_schema

    properties = json_schema(chosen.parameters)["properties"]
    return frozenset(name for name, described in properties.items() if described["type"] == "boolean")


def parse(words: Sequence[str], booleans: frozenset[str]) -> dict[str, Any]:
    """Read `--band-low 35 --notch=false` as parameters: texts, and true or false where the parameter is that.

    Raises
    ------
    BadParameter
        A word is not an option with a value.
    """
    from uraniborg_portal.errors import BadParameter

    given: dict[str, Any] = {}
    rest = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    if len(rest) % 2 or not all(option.startswith("--") for option in rest[::2]):
        raise BadParameter(
            f"The options {' '.join(words)!r} are not pairs; accepted: --name value, for each parameter."
        )
    for option, value in zip(rest[::2], rest[1::2], strict=True):
        name = option.removeprefix("--").replace("-", "_")
        given[name] = {"true": True, "false": False}.get(value.lower(), value) if name in booleans else value
    return given


class Bar:
    """The report of an instrument that runs here: a bar on a terminal."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        self.bar = bar
        self.task = task
        self.lines: list[str] = []

    def progress(self, fraction: float, text: str) -> None:
        """Move the bar."""
        self.bar.update(self.task, completed=fraction, description=text)

    def log(self, line: str) -> None:
        """Keep a line for the product's log."""
        self.lines.append(line)
        self.bar.console.print(line, highlight=False)


def make(chosen: Instrument, given: dict[str, Any], output: Path, report: Bar) -> list[Path]:
    """Run the instrument and write its files, its view and its description into `output`: all of them, or none.

    Raises
    ------
    PortalError
        A parameter is not accepted, a data file can't be had, or a file is there already.
    """
    from uraniborg_portal.instruments.documents import document
    from uraniborg_portal.instruments.inputs import fetch, hashes
    from uraniborg_portal.instruments.layout import DOCUMENT, FILES, VIEW
    from uraniborg_portal.instruments.parameters import check
    from uraniborg_portal.instruments.writing import write

    parameters = check(chosen.parameters, given)
    names = chosen.inputs(parameters)
    product = chosen.run(parameters, fetch(names, report), report)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".uraniborg-") as name:
        folder = Path(name)
        made = write(product, folder, chosen.libraries)
        described = document(chosen, parameters, hashes(names), made, report.lines)
        stem = Path(made["files"][0]["name"]).stem
        (folder / DOCUMENT).write_text(json.dumps(described, indent=1), encoding="utf-8")
        moves = [(folder / FILES / entry["name"], output / entry["name"]) for entry in made["files"]]
        moves += [(folder / kind, output / f"{stem}.{kind}") for kind in (VIEW, DOCUMENT)]
        return move(moves)


def move(moves: list[tuple[Path, Path]]) -> list[Path]:
    """Move files to their places and list those; none is moved where one place is taken."""
    from uraniborg_portal.errors import Conflict

    taken = [target for _, target in moves if target.exists()]
    if taken:
        raise Conflict(f"{taken[0]} is there already; nothing was written.", "Choose another folder with --output.")
    return [Path(shutil.move(source, target)) for source, target in moves]
