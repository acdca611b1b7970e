"""`uraniborg catalog`: add, append, compact, link, list, check, describe and remove catalogs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from uraniborg_portal.catalogs.options import AddOptions, AppendOptions, Epoch, NewName, Title, taking

Name = Annotated[str, typer.Argument(help="Name of an installed catalog.")]
Text = Annotated[str | None, typer.Option()]
Readers = Annotated[
    str | None, typer.Option(help="Who may read it: names of groups, user:NAME, commas between; or everyone.")
]


def register(root: typer.Typer) -> None:
    """Add the verb `catalog`."""
    group = typer.Typer(
        help="Catalogs that can be queried: add, append, describe, check, roll back, remove.", no_args_is_help=True
    )
    group.command("add")(taking(AddOptions, add_catalog))
    group.command("append")(taking(AppendOptions, append_rows))
    group.command("compact")(compact_catalog)
    group.command("apply")(apply_file)
    group.command("link")(link_catalog)
    group.command("list")(list_catalogs)
    group.command("check")(check_catalog)
    group.command("versions")(list_versions)
    group.command("publish")(publish_version)
    group.command("rollback")(roll_back)
    group.command("describe")(describe_catalog)
    group.command("remove")(remove_catalog)
    root.add_typer(group, name="catalog")


# Each verb imports what it needs when it runs: other verbs must not wait for it.


def add_catalog(given: AddOptions) -> None:
    """Add files as a catalog. Position columns and units are guessed, and shown.

    Nobody sees the catalog before it is whole. Rows that can't be used are kept aside, with their line and why.

    Examples:

    uraniborg catalog add mystars stars.csv

    uraniborg catalog add gaia "gaia/*.parquet" --epoch 2016 --workers 8

    uraniborg catalog add gaia --resume

    uraniborg catalog add visits visits.fits --ra coord_ra:rad --dec coord_dec:rad --replace

    uraniborg catalog add sources "sources/*.parquet" --of objects --id object_id

    uraniborg catalog add ztf /data/hats/ztf --in-place

    uraniborg catalog add ztf https://data.example.org/hats/ztf_dr22 --in-place
    """
    from uraniborg_portal.catalogs import verbs

    verbs.add_files(given)


def append_rows(given: AppendOptions) -> None:
    """Append the rows of files to a catalog, as a new version: readers see all of them at once, or none.

    The files have columns of the catalog; one that they lack is NULL in their rows. Shards that gain no row are shared
    with the version before, and take no space. Where many would be written anew, the rows go into files beside theirs,
    until the catalog is compacted. Rows that can't be used are kept aside, with their line and why.

    Examples:

    uraniborg catalog append visits night-2026-11-22.parquet

    uraniborg catalog append visits "new/*.csv" --ra ra:hours --max-bad 10

    uraniborg catalog append visits --resume
    """
    from uraniborg_portal.catalogs import verbs

    verbs.append_files(given)


def compact_catalog(name: Name) -> None:
    """Write the shards of a catalog anew to which rows were appended in files of their own, as another version.

    Queries are faster then, and all rows the same. Appending and reading go on meanwhile. A portal that runs does it by
    itself when no rows have come for some time. What was killed goes on with the next call.

    Example: uraniborg catalog compact visits
    """
    from uraniborg_portal.catalogs import verbs

    verbs.compact_shards(name)


def apply_file(
    file: Annotated[Path, typer.Argument(help="TOML or YAML: name, sources, columns, position, options.")],
) -> None:
    """Make a catalog as a file declares it; nothing is done where neither the file nor a source changed.

    Example: uraniborg catalog apply mystars.toml
    """
    from uraniborg_portal.catalogs import verbs

    verbs.apply_file(file)


def link_catalog(
    name: NewName,
    place: Annotated[
        str, typer.Argument(help="Folder or https or s3 URL of a HATS collection or table; it must stay where it is.")
    ],
    epoch: Epoch = None,
    title: Title = "",
    readers: Readers = None,
) -> None:
    """Use a HATS catalog where it is, without copying anything.

    Of a URL the metadata are copied; shards are fetched when a query needs them, and kept for the next ones.

    Examples:

    uraniborg catalog link gaia /data/hats/gaia_dr3 --epoch 2016

    uraniborg catalog link ztf https://data.example.org/hats/ztf_dr22

    uraniborg catalog link survey /data/hats/survey --readers survey-team,user:tycho
    """
    from uraniborg_portal.catalogs import verbs
    from uraniborg_portal.catalogs.readable import EVERYONE, readers_of
    from uraniborg_portal.catalogs.wishes import Wishes

    rights = readers_of(EVERYONE if readers is None else readers)
    verbs.link(Wishes(name=name, epoch=epoch, title=title, readers=rights), place)


def list_catalogs() -> None:
    """List the catalogs: name, rows, columns, who may read them, title.

    Example: uraniborg catalog list
    """
    from uraniborg_portal.catalogs import verbs

    verbs.show_list()


def check_catalog(name: Name) -> None:
    """Check that a catalog is whole: exit code 0, or 1 with a sentence for everything that is wrong.

    Example: uraniborg catalog check hipparcos
    """
    from uraniborg_portal.catalogs import verbs

    if not verbs.check(name):
        raise typer.Exit(1)


def list_versions(name: Name) -> None:
    """List the versions of a catalog; an arrow is before the current one.

    Example: uraniborg catalog versions mystars
    """
    from uraniborg_portal.catalogs import verbs

    verbs.show_versions(name)


def publish_version(
    name: Name, version: Annotated[str, typer.Argument(help="One that `versions` lists, as v2.")]
) -> None:
    """Make a version the current one, in one step: queries that run keep theirs.

    Example: uraniborg catalog publish mystars v2
    """
    from uraniborg_portal.catalogs import verbs

    verbs.publish(name, version)


def roll_back(name: Name) -> None:
    """Make the version before the current one current again.

    Example: uraniborg catalog rollback mystars
    """
    from uraniborg_portal.catalogs import verbs

    verbs.roll_back(name)


def describe_catalog(
    name: Name,
    title: Text = None,
    description: Text = None,
    licence: Text = None,
    citation: Text = None,
    readers: Readers = None,
) -> None:
    """Say what a catalog is: title, description, licence (best as an SPDX expression), citation; and who may read it.

    Examples:

    uraniborg catalog describe mystars --licence CC0-1.0 --citation "Brahe 1598"

    uraniborg catalog describe mystars --readers staff,user:tycho

    uraniborg catalog describe mystars --readers everyone
    """
    from uraniborg_portal.catalogs import verbs

    said = {"title": title, "description": description, "licence": licence, "citation": citation}
    verbs.describe(name, said, readers)


def remove_catalog(name: Name) -> None:
    """Remove a catalog and its files; a linked one loses only its link, a sample stays away until it is added again.

    Example: uraniborg catalog remove mystars
    """
    from uraniborg_portal.catalogs import verbs

    verbs.remove(name)
