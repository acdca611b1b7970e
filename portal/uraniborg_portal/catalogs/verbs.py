"""What `uraniborg catalog` does: reads settings, calls the rules, and tells the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress as Bars
from rich.progress import TaskID
from rich.table import Column, Table

from uraniborg_portal.catalogs import description, hats, layout, positions, versions
from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.adopt import adopt, adopt_remote
from uraniborg_portal.catalogs.append import append
from uraniborg_portal.catalogs.apply import apply
from uraniborg_portal.catalogs.check import findings
from uraniborg_portal.catalogs.compact import compact
from uraniborg_portal.catalogs.ingest import work as works
from uraniborg_portal.catalogs.ingest.finish import Aside, Progress
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.options import AddOptions, AppendOptions
from uraniborg_portal.catalogs.readable import readers_of, readers_to_be, words
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import BadParameter, Unavailable
from uraniborg_portal.samples.install import forget
from uraniborg_portal.settings import Settings


def add_files(given: AddOptions) -> None:
    """Add files, or one HATS folder, as a catalog, and show what was guessed and what was kept aside."""
    settings, files = Settings(), given.files or []
    wishes = replace(given.wishes, readers=readers_to_be(_registry(), given.name, given.readers, given.of))
    folder, manner = settings.state / "catalogs", given.manner(_usual(settings))
    if given.in_place or any(Path(word).is_dir() for word in files):
        catalog = _adopted(files, wishes, folder, in_place=given.in_place, manner=manner)
    elif not files and not manner.resume:
        raise BadParameter("No file is named.", "Name files, or go on with an interrupted ingest by --resume.")
    else:
        with _steps() as steps:
            catalog = add(tuple(files), wishes, folder, steps, manner)
    _say_added(catalog)


def append_files(given: AppendOptions) -> None:
    """Append files to a catalog, and show what was kept aside and what was written."""
    settings, manner = Settings(), given.manner(_usual(Settings()))
    if not given.files and not manner.resume:
        raise BadParameter("No file is named.", "Name files, or go on with an interrupted append by --resume.")
    before = _registry().get(given.name)
    with _steps() as steps:
        catalog = append(tuple(given.files or []), given.increment, settings.state / "catalogs", steps, manner)
    more = catalog.rows - before.rows
    typer.echo(f"Appended {more:,} rows to {catalog.name}: {catalog.rows:,} rows, version v{catalog.version}.")


def compact_shards(name: str) -> None:
    """Compact a catalog, and tell its version."""
    registry = _registry()
    before = registry.get(name)
    with _stages() as progress:
        catalog = compact(name, registry.folder, progress)
    if catalog.version == before.version:
        typer.echo(f"{catalog.name} is compact: version v{catalog.version}.")
    else:
        typer.echo(f"Compacted {catalog.name}: version v{catalog.version} has the rows of v{before.version}.")


def apply_file(file: Path) -> None:
    """Make a catalog as a file declares it."""
    settings = Settings()
    with _steps() as steps:
        applied = apply(file, settings.state / "catalogs", steps, _usual(settings))
    if applied.changed:
        _say_added(applied.catalog)
    else:
        typer.echo(f"{applied.catalog.name} is as declared: version v{applied.catalog.version}.")


def link(wishes: Wishes, place: str) -> None:
    """Use a HATS catalog where it is."""
    _say_added(_adopted([place], wishes, _registry().folder, in_place=True))


def show_list() -> None:
    """Print the catalogs as a table."""
    numbers = [Column(name, justify="right") for name in ("rows", "columns")]
    table = Table(Column("name", no_wrap=True), *numbers, "readers", "title", box=None)
    registry = _registry()
    for name in registry.names():
        try:
            catalog = registry.get(name)
        except Unavailable as error:
            table.add_row(name, "", "", "", f"damaged: {error.message}")
        else:
            table.add_row(name, f"{catalog.rows:,}", str(len(catalog.columns)), words(catalog.readers), catalog.title)
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


def show_versions(name: str) -> None:
    """Print the versions of a catalog."""
    registry = _registry()
    known = registry.known(name)
    now = versions.current(registry.folder, known)
    table = Table("", "version", Column("rows", justify="right"), "of", "title", box=None)
    for number in versions.numbers(registry.folder, known):
        rows = versions.rows_of(registry.folder, known, number)
        of = "" if rows == number else f"v{rows}, compacted"
        try:
            catalog = description.read(layout.version_folder(registry.folder, known, number)).catalog
        except Unavailable as error:
            table.add_row("", f"v{number}", "", of, f"damaged: {error.message}")
        else:
            table.add_row("->" * (number == now), f"v{number}", f"{catalog.rows:,}", of, catalog.title)
    Console().print(table)


def publish(name: str, version: str) -> None:
    """Make a version of a catalog current."""
    word = version.lower().removeprefix(layout.VERSION_PREFIX)
    if not word.isdecimal():
        raise BadParameter(
            f"{version[:80]!r} is no version: v1, v2 and so on are accepted.", "List them: catalog versions"
        )
    _publish(_registry(), name, int(word))


def roll_back(name: str) -> None:
    """Make the version before the current one current."""
    registry = _registry()
    _publish(registry, name, versions.before(registry.folder, registry.known(name)))


def _publish(registry: CatalogRegistry, name: str, number: int) -> None:
    versions.publish(registry.folder, registry.known(name), number)
    typer.echo(f"The current version of {name.lower()} is v{number}.")


def _usual(settings: Settings) -> Manner:
    """Give how catalogs are added where the options say nothing."""
    limits = settings.ingest
    return Manner(
        max_bad=limits.max_bad,
        max_bad_files=limits.max_bad_files,
        keep=limits.keep_versions,
        most_anew=limits.most_anew,
    )


def remove(name: str) -> None:
    """Remove a catalog; a sample stays away until it is added again."""
    registry = _registry()
    registry.remove(name)
    for of, hold in ((works.of, works.held), (works.compaction_of, works.compacting)):
        if of(registry.folder, name.lower()).root.exists():
            with hold(registry.folder, name.lower()) as held:
                works.leave(held)
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
    settings = Settings()
    return CatalogRegistry(settings.state / "catalogs", settings.shards)


def _adopted(
    files: list[str], wishes: Wishes, folder: Path, *, in_place: bool, manner: Manner | None = None
) -> Catalog:
    if wishes.of:
        raise BadParameter(
            f"The rows of a HATS catalog stay in its own shards: they can't be brought to those of {wishes.of}.",
            "Leave out --of, or name its Parquet files.",
            field="of",
        )
    if len(files) == 1 and "://" in files[0] and in_place:
        return adopt_remote(files[0], wishes, folder, manner, _say_left_out)
    if len(files) != 1 or not hats.is_hats(Path(files[0])):
        raise BadParameter(
            f"{', '.join(files)}: one folder with collection.properties or hats.properties is accepted.",
            "Give files, or one HATS folder; in place, also an https or s3 URL of one.",
        )
    return adopt(Path(files[0]), wishes, folder, in_place=in_place, manner=manner, told=_say_left_out)


def _say_left_out(left_out: tuple[str, ...]) -> None:
    if left_out:
        typer.echo(f"Left out, since no query reads them: {', '.join(left_out)}.", err=True)


def _say_added(catalog: Catalog) -> None:
    without = f" {catalog.rows_without_position:,} rows have no position and are left out." * (
        catalog.rows_without_position > 0
    )
    typer.echo(f"Added {catalog.name}: {catalog.rows:,} rows, {len(catalog.columns)} columns.{without}")
    typer.echo(f"Its table in queries is {catalog.name}. Readers: {words(catalog.readers)}.")


@contextmanager
def _steps() -> Iterator[Steps]:
    with _stages() as progress:
        yield Steps(found=_say_found, progress=progress, aside=_say_aside, shared=_say_shared)


def _say_found(guess: positions.Guess, left_out: tuple[str, ...]) -> None:
    lines = [f"Positions: {guess.ra} ({guess.ra_unit}) and {guess.dec} ({guess.dec_unit}), found {guess.why}."]
    lines += [f"Look at this: {guess.doubt}."] if guess.doubt else []
    lines += [f"Left out, since catalogs hold no arrays: {', '.join(left_out)}."] if left_out else []
    for line in lines:
        typer.echo(line, err=True)


def _say_shared(written: int, shards: int) -> None:
    typer.echo(f"Shards: {written:,} of {shards:,} gain rows, the others are shared with the version before.", err=True)


def _say_aside(asides: list[Aside]) -> None:
    if asides:
        first = asides[0]
        where = f"{first.source}, line {first.line}" if first.line else first.source
        typer.echo(
            f"Kept aside (rejected/rows.csv of the version): {len(asides):,}; the first is {where}: {first.reason}.",
            err=True,
        )


@contextmanager
def _stages() -> Iterator[Progress]:
    """Give what draws a progress bar for each stage on a terminal, and nothing where output goes elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda stage, part: None
        return
    with Bars(console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, part: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=part)

        yield tell


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float], None]]:
    """Give what draws a progress bar on a terminal, and nothing where output goes elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda fraction: None
        return
    with Bars(console=console, transient=True) as bars:
        task = bars.add_task(title, total=1.0)
        yield lambda fraction: bars.update(task, completed=fraction)
