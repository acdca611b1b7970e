"""What `uraniborg data` does: reads settings, asks the registry, and tells the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Column, Table

from uraniborg_portal.registry.entries import entries
from uraniborg_portal.registry.registry import make_registry
from uraniborg_portal.settings import Settings


def show_list() -> None:
    """Print the data files as a table."""
    registry = make_registry(Settings())
    table = Table(Column("name", no_wrap=True), Column("MB", justify="right"), "here", "licence", box=None)
    for name, entry in entries().items():
        here = "yes" if registry.here(name) else "no"
        table.add_row(name, f"{entry.size / 1e6:.2f}", here, entry.licence)
    Console().print(table)


def fetch(names: list[str]) -> None:
    """Fetch data files, `all` of them where that is the only name, and print where they are."""
    registry = make_registry(Settings())
    wanted = list(entries()) if names == ["all"] else [registry.entry(name).name for name in names]
    for name in wanted:
        with _bar(name) as bar:
            path = registry.path(name, bar)
        typer.echo(f"{name}\t{path}")


class Bar:
    """A rich progress bar with the methods that downloads call."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self._total = 0.0

    @property
    def total(self) -> float:
        """Bytes of the whole file."""
        return self._total

    @total.setter
    def total(self, value: float) -> None:
        self._total = value
        self._progress.update(self._task, total=value)

    def update(self, amount: float) -> None:
        """Take note of so many more bytes."""
        self._progress.advance(self._task, amount)

    def reset(self) -> None:
        """Start again from nothing."""
        self._progress.reset(self._task, total=self._total)

    def close(self) -> None:
        """Do nothing: the bar ends with its block."""


@contextmanager
def _bar(name: str) -> Iterator[Bar | None]:
    """Give a progress bar on a terminal, and none where output goes elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as progress:
        yield Bar(progress, progress.add_task(name, total=None))
