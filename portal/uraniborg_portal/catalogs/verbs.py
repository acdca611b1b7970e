"""What `uraniborg catalog` does: reads settings, calls the rules, and tells the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from uraniborg_portal.catalogs import hats, positions
from uraniborg_portal.catalogs.add import Steps, Wishes, add
from uraniborg_portal.catalogs.adopt import adopt
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.readable import readers_of, words
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.write import Done
from uraniborg_portal.errors import BadParameter, Unavailable
from uraniborg_portal.samples.install import forget
from uraniborg_portal.settings import Settings


def add_files(wishes: Wishes, files: list[Path]) -> None:
    """Add files, or one HATS folder, as a catalog, and show what was guessed."""
    folder = _registry().folder
    if any(path.is_dir() for path in files):
        catalog = adopt(_hats_folder(files), wishes, folder, in_place=False)
    else:
        with _steps() as steps:
            catalog = add(tuple(files), wishes, folder, steps)
    _say_added(catalog)


def link(wishes: Wishes, folder: Path) -> None:
    """Use a HATS catalog where it is."""
    _say_added(adopt(_hats_folder([folder]), wishes, _registry().folder, in_place=True))


def show_list() -> None:
    """Print the catalogs as a table."""
    numbers = [Column(name, justify="right") for name in ("rows", "columns")]
    table = Table(Column("name", no_wrap=True), *numbers, "title", box=None)
    registry = _registry()
    for name in registry.names():
        try:
            catalog = registry.get(name)
        except Unavailable as error:
            table.add_row(name, "", "", f"damaged: {error.message}")
        else:
            table.add_row(name, f"{catalog.rows:,}", str(len(catalog.columns)), catalog.title)
    Console().print(table)


def check(name: str) -> bool:
    """Print what is wrong with a catalog, and tell whether it is whole."""
    with _bar(f"Checking {name}") as done:
        found = list(findings(_registry(), name, done))
    for finding in found:
        typer.echo(finding.text, err=True)
    whole = not any(finding.serious for finding in found)
    if whole:
        typer.echo(f"{name} is whole.")
    return whole


def remove(name: str) -> None:
    """Remove a catalog; a sample stays away until it is added again."""
    registry = _registry()
    registry.remove(name)
    forget(name.lower(), registry.folder)
    typer.echo(f"Removed {name.lower()}.")


def describe(name: str, given: dict[str, str | None], readers: str | None) -> None:
    """Change what is said of a catalog, and who may read it, and print it; None leaves what there is."""
    registry = _registry()
    catalog = registry.describe(name, **{key: value for key, value in given.items() if value is not None})
    if readers is not None:
        catalog = registry.restrict(name, readers_of(readers))
    typer.echo(f"{catalog.name}: {catalog.title}. {catalog.description}".rstrip())
    typer.echo(f"Licence: {catalog.licence or 'not said'}. Cite: {catalog.citation or 'not said'}.")
    typer.echo(f"Readers: {words(catalog.readers)}.")


def _registry() -> CatalogRegistry:
    return CatalogRegistry(Settings().state / "catalogs")


def _hats_folder(files: list[Path]) -> Path:
    if len(files) != 1 or not hats.is_hats(files[0]):
        raise BadParameter(
            f"{', '.join(map(str, files))}: one folder with collection.properties or hats.properties is accepted.",
            "Give files, or one HATS folder.",
        )
    return files[0]


def _say_added(catalog: Catalog) -> None:
    without = f" {catalog.rows_without_position:,} rows have no position and are left out." * (
        catalog.rows_without_position > 0
    )
    typer.echo(f"Added {catalog.name}: {catalog.rows:,} rows, {len(catalog.columns)} columns.{without}")
    typer.echo(f"Its table in queries is {catalog.name}. Readers: {words(catalog.readers)}.")


@contextmanager
def _steps() -> Iterator[Steps]:
    with _bar("Writing shards") as done:
        yield Steps(reading=lambda path: typer.echo(f"Reading {path}", err=True), found=_say_found, writing=done)


def _say_found(guess: positions.Guess, left_out: tuple[str, ...]) -> None:
    lines = [f"Positions: {guess.ra} ({guess.ra_unit}) and {guess.dec} ({guess.dec_unit}), found {guess.why}."]
    lines += [f"Look at this: {guess.doubt}."] if guess.doubt else []
    lines += [f"Left out, since catalogs hold no arrays: {', '.join(left_out)}."] if left_out else []
    for line in lines:
        typer.echo(line, err=True)


@contextmanager
def _bar(title: str) -> Iterator[Done]:
    """Give what draws a progress bar on a terminal, and nothing where output goes elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda fraction: None
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda fraction: progress.update(task, completed=fraction)
