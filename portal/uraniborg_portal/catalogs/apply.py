"""Makes a catalog as a file declares it: a new version where the declaration or a source changed, otherwise nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from uraniborg_portal.catalogs import declared, layout, versions
from uraniborg_portal.catalogs.add import Steps, add
from uraniborg_portal.catalogs.check import is_left
from uraniborg_portal.catalogs.ingest import plan, sources
from uraniborg_portal.catalogs.ingest import work as works
from uraniborg_portal.catalogs.models import Catalog
from uraniborg_portal.catalogs.readable import readers_to_be
from uraniborg_portal.catalogs.registry import CatalogRegistry
from uraniborg_portal.catalogs.wishes import Manner


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What came of a declaration."""

    catalog: Catalog
    changed: bool
    """False where the current version is as declared already."""


def apply(path: Path, folder: Path, steps: Steps | None = None, usual: Manner | None = None) -> Applied:
    """Make the catalog that a TOML or YAML file declares, below `folder`.

    One whose rows belong to those of another catalog is made anew, too, where those are elsewhere by now. One that was
    interrupted is gone on with, unless the declaration or a source changed meanwhile.

    Raises
    ------
    PortalError
        As `add.add`; the file is not there, or says what is not known.
    """
    said = declared.declaration(path)
    readers = readers_to_be(CatalogRegistry(folder), said.name, said.readers, said.of)
    wishes, asked = replace(declared.wishes_of(said), readers=readers), declared.asked(said, path)
    mark = declared.fingerprint(said, sources.find(asked))
    if _mark(folder, said.name) == mark:
        now = CatalogRegistry(folder).get(said.name)
        if not is_left(now, CatalogRegistry(folder)):
            return Applied(catalog=now, changed=False)
    manner = replace(declared.manner_of(said, usual or Manner()), mark=mark)
    work = works.of(folder, said.name)
    if work.plan.exists():
        same = plan.load(work).mark == mark
        manner = replace(manner, resume=same, restart=not same)
    return Applied(catalog=add(asked, wishes, folder, steps, manner), changed=True)


def _mark(folder: Path, name: str) -> str | None:
    number = versions.current(folder, name)
    path = layout.version_folder(folder, name, number or 0) / layout.APPLIED
    return path.read_text("utf-8").strip() if path.is_file() else None
