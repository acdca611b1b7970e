"""Catalogs and columns as files say them: notes beside a source, and whole catalogs that `catalog apply` makes so."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uraniborg_portal.catalogs import datatypes, read
from uraniborg_portal.catalogs.entry import MARGIN_ARCSEC, ROWS_PER_SHARD
from uraniborg_portal.catalogs.ingest.sources import Origin
from uraniborg_portal.catalogs.statistics import Note
from uraniborg_portal.catalogs.wishes import Manner, Wishes
from uraniborg_portal.errors import BadParameter

SUFFIX = ".toml"
Said = TypeVar("Said", bound="Notes")
Datatype = Literal["boolean", "short", "int", "long", "float", "double", "char", "unicodeChar"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnNotes(_Model):
    """What is said of a column."""

    unit: str | None = None
    """A VOUnit string."""
    ucd: str | None = None
    """A UCD1+ word."""
    description: str = ""
    datatype: Datatype | None = None
    """The VOTable datatype that a column of text has; rows with other values are kept aside."""
    principal: bool = False
    """Shown by default."""
    links: str | None = Field(None, pattern=r"^https?://\S+$")
    """URL of the DataLink service that takes the column's values as ID."""


class PositionNotes(_Model):
    """Which columns are the position: both, each with its unit behind a colon where it is not obvious."""

    ra: str
    dec: str


class Notes(_Model):
    """What is said of a catalog, over what its files say."""

    title: str = ""
    description: str = ""
    licence: str = ""
    citation: str = ""
    epoch: float | None = None
    """Julian year of the positions."""
    identifier: str | None = None
    """Column whose value names a row."""
    position: PositionNotes | None = None
    columns: dict[str, ColumnNotes] = {}


class Options(_Model):
    """How a catalog is laid out, and what it may lack."""

    margin_arcsec: float = Field(MARGIN_ARCSEC, gt=0, le=36_000)
    rows_per_shard: int = Field(ROWS_PER_SHARD, gt=0)
    max_bad: int | None = Field(None, ge=0)
    """Rows that may be kept aside; None is the setting."""
    max_bad_files: int | None = Field(None, ge=0)
    keep: int | None = Field(None, ge=0)
    """Versions before the current one that are kept."""


class Declared(Notes):
    """A whole catalog."""

    name: str
    readers: str | None = None
    """Who may read it: groups, `user:NAME`, commas between; or `everyone`. Without it they stay as they are."""
    of: str | None = None
    """The catalog to whose rows its own belong, as light curves do to objects."""
    id: str | None = None
    """The column that names those rows; without it the one that is called as the identifier there."""
    sources: list[str] = Field(min_length=1)
    """Files, patterns and URLs; those that are no URL are below the folder of this file."""
    options: Options = Options()


def notes_beside(name: str) -> Notes | None:
    """Give the notes of `stars.toml` beside a local `stars.csv`; None where there are none.

    Raises
    ------
    BadParameter
        The file says what is not known.
    """
    if "://" in name:
        return None
    path = Path(name)
    stem = path.name
    for packed in read.COMPRESSED:
        stem = stem.removesuffix(packed)
    beside = path.with_name(Path(stem).stem + SUFFIX)
    return _validated(Notes, beside) if beside.is_file() and beside != path else None


def declaration(path: Path) -> Declared:
    """Read the TOML or YAML file of a catalog; fails like `notes_beside`, and where it is not there."""
    return _validated(Declared, path)


def wishes_of(declared: Declared) -> Wishes:
    """Give what a declaration says of the catalog."""
    options = declared.options
    bare = Wishes(
        name=declared.name,
        margin_arcsec=options.margin_arcsec,
        rows_per_shard=options.rows_per_shard,
        of=declared.of,
        of_column=declared.id,
    )
    return completed(bare, declared)


def completed(wishes: Wishes, notes: Notes) -> Wishes:
    """Give wishes, and what notes say where the wishes say nothing."""
    words = ("title", "description", "licence", "citation", "identifier")
    given = {word: getattr(wishes, word) or getattr(notes, word) for word in words}
    said = {
        name: Note(
            unit=each.unit, ucd=each.ucd, description=each.description, principal=each.principal, links=each.links
        )
        for name, each in notes.columns.items()
    }
    types = {
        name: str(datatypes.ARROW[each.datatype]) for name, each in notes.columns.items() if each.datatype is not None
    }
    place = notes.position if wishes.ra is None and wishes.dec is None else None
    return replace(
        wishes,
        **given,
        ra=place.ra if place else wishes.ra,
        dec=place.dec if place else wishes.dec,
        epoch=notes.epoch if wishes.epoch is None else wishes.epoch,
        notes=said | wishes.notes,
        types=types | wishes.types,
    )


def asked(declared: Declared, path: Path) -> tuple[str, ...]:
    """Give the sources of a declaration, as `sources.find` takes them."""
    return tuple(word if "://" in word else str(path.absolute().parent / word) for word in declared.sources)


def fingerprint(declared: Declared, origins: tuple[Origin, ...]) -> str:
    """Give a text that is another one where the declaration or a source is."""
    words = declared.model_dump()
    # Files that say neither have the text that they had before there were these words.
    words = {name: said for name, said in words.items() if name not in ("of", "id") or said is not None}
    content = {"declared": words, "origins": [asdict(origin) for origin in origins]}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def manner_of(declared: Declared, usual: Manner) -> Manner:
    """Give how a declared catalog is to be added."""
    options = declared.options
    limits = usual.limited(max_bad=options.max_bad, max_bad_files=options.max_bad_files, keep=options.keep)
    return replace(limits, replace=True)


def _validated(model: type[Said], path: Path) -> Said:
    try:
        text = path.read_text("utf-8")
        content = yaml.safe_load(text) if path.suffix in (".yaml", ".yml") else tomllib.loads(text)
        return model.model_validate(content)
    except OSError as error:
        raise BadParameter(f"{path} can't be opened: {error.strerror}.", "Give an existing file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        known = ", ".join(model.model_fields)
        raise BadParameter(f"{path}: {where}: {first['msg']}.", f"Accepted are: {known}.") from error
    except (ValueError, yaml.YAMLError) as error:
        raise BadParameter(f"{path} can't be read: {error}.", "Mend it: it is TOML, or YAML.") from error
