"""Gives data files by name: from the package's samples, a mirror, the cache, or the network, in this order."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from uraniborg_portal.errors import NotFound, Unavailable
from uraniborg_portal.registry.download import Progress, download, reason
from uraniborg_portal.registry.entries import DataFile, entries
from uraniborg_portal.samples import manifest
from uraniborg_portal.settings import Settings

MIRROR_VARIABLE = "URANIBORG_DATA_MIRROR"


class DataRegistry:
    """Data files that instruments and people ask for by name.

    Parameters
    ----------
    cache
        Folder for downloaded files.
    mirror
        A folder or an URL that holds the files under their names; tried before the cache and the network.
    network
        Whether public addresses may be asked. A mirror's address may always.
    """

    def __init__(self, cache: Path, mirror: str | None = None, *, network: bool = True) -> None:
        self.cache = cache
        self.mirror = mirror
        self.network = network

    def entry(self, name: str) -> DataFile:
        """Give the description of a data file, by its name or by the last part of it.

        Raises
        ------
        NotFound
            The registry has no such file; the nearest names are its suggestions.
        """
        known = entries()
        if name in known:
            return known[name]
        for full, described in known.items():
            if full.rsplit("/", 1)[-1] == name:
                return described
        raise _not_found(name)

    def names(self) -> tuple[str, ...]:
        """Give the names of all data files."""
        return tuple(entries())

    def here(self, name: str) -> Path | None:
        """Give the path of a data file that is on this machine and whole; None where it must be fetched."""
        wanted = self.entry(name)
        sample = _samples().get(wanted.sha256)
        if sample is not None:
            return sample
        folders = [Path(self.mirror)] if self.mirror and not _is_url(self.mirror) else []
        for folder in (*folders, self.cache):
            path = folder / wanted.name
            if path.is_file() and _is_whole(path, wanted):
                return path
        return None

    def path(self, name: str, progress: Progress | None = None) -> Path:
        """Give the path of a data file on this machine, fetched where it is not here yet.

        Raises
        ------
        NotFound
            The registry has no such file.
        Unavailable
            Neither the mirror nor the network gave it.
        """
        wanted = self.entry(name)
        return self.here(name) or self._fetched(wanted, progress)

    def _fetched(self, wanted: DataFile, progress: Progress | None) -> Path:
        reasons = []
        for address in self._addresses(wanted):
            try:
                return download(address, wanted.sha256, self.cache / wanted.name, progress)
            except (OSError, ValueError) as error:
                reasons.append(reason(address, error))
        why = "; ".join(reasons) or ("it has no public address" if self.network else "the network setting is off")
        raise Unavailable(
            f"The data file {wanted.name} is not on this machine and can't be fetched ({why}).",
            f"Connect to the network, or set {MIRROR_VARIABLE} to a folder or URL that has it.",
        )

    def _addresses(self, wanted: DataFile) -> list[str]:
        mirror = [f"{self.mirror.rstrip('/')}/{wanted.name}"] if self.mirror and _is_url(self.mirror) else []
        return mirror + ([wanted.url] if self.network and wanted.url else [])


def make_registry(settings: Settings) -> DataRegistry:
    """Give the registry that the settings describe; its cache is `data` in the portal's state."""
    return DataRegistry(settings.state / "data", settings.data_mirror, network=settings.network)


def _samples() -> dict[str, Path]:
    return {sample.sha256: sample.path for sample in manifest.files()}


def _is_url(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _is_whole(path: Path, wanted: DataFile) -> bool:
    status = path.stat()
    return status.st_size == wanted.size and _hash(path, status.st_mtime_ns) == wanted.sha256


@lru_cache(maxsize=512)
def _hash(path: Path, changed: int) -> str:
    """Give the SHA-256 of a file; `changed` makes a file that was written again a new question."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_found(name: str) -> NotFound:
    from rapidfuzz import process

    nearest = tuple(match[0] for match in process.extract(name, list(entries()), limit=3, score_cutoff=60))
    remedy = f"Did you mean {nearest[0]}?" if nearest else "`uraniborg data list` shows them all."
    return NotFound(f"The data registry has no file {name[:120]!r}.", remedy, field="name", suggestions=nearest)
