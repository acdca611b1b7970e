"""What `uraniborg catalog add` and `append` are told: many options, so that they are dataclasses, and no parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Annotated, TypeVar, get_type_hints

import typer

from uraniborg_portal.catalogs.wishes import Increment, Manner, Wishes

Given = TypeVar("Given")
NewName = Annotated[str, typer.Argument(help="Table name in queries: lower case letters, digits, underscores.")]
OldName = Annotated[str, typer.Argument(help="Name of an installed catalog.")]
MoreFiles = Annotated[
    list[str] | None, typer.Argument(help="CSV, ECSV, VOTable, FITS or Parquet: files, patterns, URLs.")
]
UnitRa = Annotated[str | None, typer.Option(help="Its position column with the files' unit, as ra:hours.")]
UnitDec = Annotated[str | None, typer.Option(help="The same for the declination, as dec:rad.")]
LeaveOut = Annotated[
    bool, typer.Option("--leave-out-unknown", help="Leave out columns that the catalog does not have.")
]
Files = Annotated[
    list[str] | None,
    typer.Argument(
        help="CSV, ECSV, VOTable, FITS or Parquet: files, patterns, URLs; or a HATS folder, or URL (--in-place)."
    ),
]
Ra = Annotated[str | None, typer.Option(help="Column of right ascension; COLUMN:UNIT says deg, hours or rad.")]
Dec = Annotated[str | None, typer.Option(help="Column of declination; COLUMN:UNIT says deg or rad.")]
Epoch = Annotated[float | None, typer.Option(help="Julian year of the positions, as 2016.0.")]
Title = Annotated[str, typer.Option(help="Title that people see.")]
Identifier = Annotated[str | None, typer.Option(help="Column whose value names a row; guessed otherwise.")]
Of = Annotated[
    str | None, typer.Option(help="Catalog to whose rows these belong, as sources do to objects: they lie beside them.")
]
Id = Annotated[
    str | None, typer.Option("--id", help="With --of: column that names those rows; otherwise named as there.")
]
Margin = Annotated[float, typer.Option(help="Width of the margins, arcseconds.", min=0.01, max=36_000)]
InPlace = Annotated[bool, typer.Option("--in-place", help="Use a HATS folder or URL where it is, without a copy.")]
Replace = Annotated[bool, typer.Option("--replace", help="Make a new version of a catalog that is there.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where an ingest was interrupted.")]
Restart = Annotated[bool, typer.Option("--restart", help="Forget an ingest that was interrupted.")]
Readers = Annotated[
    str | None,
    typer.Option(
        help="Who may read it: groups, user:NAME, commas between; or everyone. A new version keeps its readers."
    ),
]
MaxBad = Annotated[int | None, typer.Option(help="Rows that may be kept aside; more end the ingest.", min=0)]
MaxBadFiles = Annotated[int | None, typer.Option(help="Files that may be kept aside.", min=0)]
Keep = Annotated[int | None, typer.Option(help="Versions before the current one that are kept.", min=0)]
Workers = Annotated[int | None, typer.Option(help="Processes; one suffices for small files.", min=1)]
Dask = Annotated[
    str | None, typer.Option(help="Dask scheduler whose workers see the same folders, as tcp://host:8786.")
]


@dataclass(frozen=True)
class AddOptions:
    """The arguments and options, in their order."""

    name: NewName
    files: Files = None
    ra: Ra = None
    dec: Dec = None
    epoch: Epoch = None
    title: Title = ""
    identifier: Identifier = None
    of: Of = None
    of_column: Id = None
    margin: Margin = 10.0
    readers: Readers = None
    in_place: InPlace = False
    replace: Replace = False
    resume: Resume = False
    restart: Restart = False
    max_bad: MaxBad = None
    max_bad_files: MaxBadFiles = None
    keep: Keep = None
    workers: Workers = None
    dask: Dask = None

    @property
    def wishes(self) -> Wishes:
        """What is said of the catalog."""
        return Wishes(
            name=self.name,
            ra=self.ra,
            dec=self.dec,
            epoch=self.epoch,
            title=self.title,
            identifier=self.identifier,
            margin_arcsec=self.margin,
            of=self.of,
            of_column=self.of_column,
        )

    def manner(self, usual: Manner) -> Manner:
        """Give how it is to be added, where nothing is said as usual."""
        return replaced(_manner(self, usual), replace=self.replace)


@dataclass(frozen=True)
class AppendOptions:
    """The arguments and options of `append`, in their order."""

    name: OldName
    files: MoreFiles = None
    ra: UnitRa = None
    dec: UnitDec = None
    leave_out_unknown: LeaveOut = False
    resume: Resume = False
    restart: Restart = False
    max_bad: MaxBad = None
    max_bad_files: MaxBadFiles = None
    keep: Keep = None
    workers: Workers = None
    dask: Dask = None

    @property
    def increment(self) -> Increment:
        """What is said of the files."""
        return Increment(name=self.name, ra=self.ra, dec=self.dec, leave_out_unknown=self.leave_out_unknown)

    def manner(self, usual: Manner) -> Manner:
        """Give how they are to be appended, where nothing is said as usual."""
        return _manner(self, usual)


def _manner(given: AddOptions | AppendOptions, usual: Manner) -> Manner:
    limits = usual.limited(max_bad=given.max_bad, max_bad_files=given.max_bad_files, keep=given.keep)
    return replaced(limits, resume=given.resume, restart=given.restart, workers=given.workers, dask=given.dask)


def taking(options: type[Given], verb: Callable[[Given], None]) -> Callable[..., None]:
    """Give a command of Typer whose arguments and options are the fields of a dataclass."""

    def command(**given: object) -> None:
        verb(options(**given))

    command.__doc__ = verb.__doc__
    hints = get_type_hints(options, include_extras=True)
    found = inspect.signature(options).parameters.values()
    command.__annotations__ = hints
    vars(command)["__signature__"] = inspect.Signature(
        [parameter.replace(annotation=hints[parameter.name]) for parameter in found]
    )
    return command
