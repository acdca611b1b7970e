"""The installed catalogs of one folder: names, descriptions, where their shards are. Reads descriptions, never rows."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from uraniborg_portal.catalogs import description, hats, layout, names, versions
from uraniborg_portal.catalogs.models import Catalog, Collection, Readers
from uraniborg_portal.catalogs.pruning import Pruning
from uraniborg_portal.catalogs.shards import Shards
from uraniborg_portal.errors import BadParameter, NotFound, Unavailable

logger = logging.getLogger(__name__)


class CatalogRegistry:
    """The catalogs below `folder`, each `folder/<name>/v<N>/`, of which one is current as `versions.current` says.

    A catalog or version that another process adds, publishes or removes is seen at the next call. Safe to share between
    threads.
    """

    def __init__(self, folder: Path, kept: Path | None = None) -> None:
        self.folder = folder
        self._versions = versions.CurrentVersions(folder)
        self.kept = kept or folder.with_name("shards")
        """The folder of the shards that were fetched of catalogs that are used where they are, on other hosts."""
        self._lock = threading.Lock()
        self._opened: dict[Path, tuple[int, description.Stored]] = {}
        self._pruning: dict[Path, Pruning] = {}
        self._placed: dict[tuple[Path, int], tuple[Collection, Shards]] = {}

    def names(self) -> tuple[str, ...]:
        """Give the names of the installed catalogs, sorted."""
        try:
            with os.scandir(self.folder) as entries:
                folders = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(sorted(name for name in folders if self._versions.folder(name)))

    def get(self, name: str) -> Catalog:
        """Give the description of a catalog, by its name in any case.

        Raises
        ------
        NotFound
            No catalog has this name; the nearest names are its suggestions.
        """
        return self._open(name)[2].catalog

    def all(self) -> tuple[Catalog, ...]:
        """Give the descriptions of all catalogs, sorted by name; a damaged one is logged and left out."""
        found = []
        for name in self.names():
            try:
                found.append(self.get(name))
            except Unavailable as error:
                logger.warning("catalog %s is left out: %s", name, error.message)
        return tuple(found)

    def collection(self, name: str) -> Collection:
        """Give where a catalog is on disk.

        Raises
        ------
        Unavailable
            A catalog that is used in place is no longer there.
        """
        return self._place(name)[0]

    def shards(self, name: str) -> Shards:
        """Give the shards of a catalog along the HEALPix curve; fails like `collection`."""
        return self._place(name)[1]

    def pruning(self, name: str) -> Pruning:
        """Give what is known of the shards beside their cells; fails like `get`."""
        version = self._open(name)[0]
        with self._lock:
            return self._pruning.setdefault(version, Pruning(version))

    def known(self, name: str) -> str:
        """Give the name of a catalog as its folder has it; fails like `get`."""
        return self._known(name).parent.name

    def remove(self, name: str) -> None:
        """Remove a catalog and its files; the files of one that is used in place stay."""
        self._known(name)
        try:
            leaving = Path(tempfile.mkdtemp(prefix=f"{layout.INCOMING_PREFIX}removed-", dir=self.folder))
            (self.folder / name.lower()).rename(leaving / "catalog")
            shutil.rmtree(leaving)
        except OSError as error:
            raise Unavailable(
                f"The catalog {name!r} can't be removed: {error.strerror} ({error.filename}).",
                "Check the rights of the state folder.",
            ) from error

    def describe(self, name: str, **said: str) -> Catalog:
        """Change what is said of a catalog (`title`, `description`, `licence`, `citation`), and give it.

        The rows and the version stay as they are.
        """
        given: dict[str, Any] = dict(said)
        return _changed(self._known(name), given)

    def restrict(self, name: str, readers: Readers | None) -> Catalog:
        """Let only these read a catalog, or with None everyone whom the portal lets read; gives its description.

        It holds for all of its versions: a roll-back opens nothing.
        """
        known = self._known(name)
        for number in versions.numbers(self.folder, known.parent.name):
            _changed(layout.version_folder(self.folder, known.parent.name, number), {"readers": readers})
        return self.get(name)

    def _known(self, name: str) -> Path:
        version = self._versions.folder(name.lower()) if names.could_be(name.lower()) else None
        if version is None:
            raise not_found(name, self.names())
        return version

    def _open(self, name: str) -> tuple[Path, int, description.Stored]:
        version = self._known(name)
        try:
            changed = (version / layout.DESCRIPTION).stat().st_mtime_ns
        except OSError:
            changed = 0
        with self._lock:
            if version not in self._opened or self._opened[version][0] != changed:
                self._opened[version] = changed, description.read(version)
            return version, *self._opened[version]

    def _place(self, name: str) -> tuple[Collection, Shards]:
        version, changed, stored = self._open(name)
        with self._lock:
            if (version, changed) not in self._placed:
                self._placed[version, changed] = _placed(version / stored.collection, stored, self.kept)
            return self._placed[version, changed]


def _changed(version: Path, said: dict[str, Any]) -> Catalog:
    stored = description.read(version)
    catalog = replace(stored.catalog, **said)
    description.write(replace(stored, catalog=catalog), version)
    return catalog


def _placed(folder: Path, stored: description.Stored, kept: Path) -> tuple[Collection, Shards]:
    try:
        collection = hats.open_collection(folder)
    except BadParameter as error:
        raise Unavailable(
            f"The files of the catalog {stored.catalog.name!r} are not at {folder} any more.",
            f"Bring them back, or remove it: uraniborg catalog remove {stored.catalog.name}",
        ) from error
    if stored.origin:
        collection = replace(collection, origin=stored.origin, kept=_made(kept / stored.origin.mark))
    return collection, Shards(collection, stored.shards, stored.parts)


def _made(folder: Path) -> Path:
    # Before a process is told that it may read it: what is not there can't be named to its sandbox.
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remedy = "Check its rights, or name another folder as `staging`."
        raise Unavailable(f"{folder} can't be written: {error.strerror}.", remedy) from error
    return folder


def not_found(name: str, known: tuple[str, ...]) -> NotFound:
    """Give the error of a catalog name that nothing has, with the nearest names."""
    from rapidfuzz import process

    nearest = tuple(match[0] for match in process.extract(name.lower(), known, limit=3, score_cutoff=50))
    remedy = f"Did you mean {nearest[0]}?" if nearest else f"Installed: {', '.join(known) or 'none'}."
    return NotFound(f"No catalog is named {name[:80]!r}.", remedy, field="catalog", suggestions=nearest)
