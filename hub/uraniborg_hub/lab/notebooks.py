"""The notebooks that each lab starts with: fresh copies that follow our versions, except where the user changed one."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHIPPED = ".shipped.json"
"""Hidden file beside the copies: name to SHA-256 of what we put there."""


@dataclass(frozen=True, kw_only=True)
class Copies:
    """What `copy` does: names of files relative to both folders."""

    write: tuple[str, ...]
    """Missing in the lab, or there as we shipped an earlier version of it."""
    keep: tuple[str, ...]
    """Changed by the user, or the newest already."""


def source() -> Path:
    """Give the folder of start notebooks: `notebooks/start` of the checkout, otherwise what the wheel installed."""
    checkout = Path(__file__).parents[3] / "notebooks" / "start"
    return checkout if checkout.is_dir() else Path(sys.prefix) / "share" / "uraniborg" / "notebooks" / "start"


def plan(ours: Mapping[str, str], theirs: Mapping[str, str], shipped: Mapping[str, str]) -> Copies:
    """Decide by SHA-256 which files to write: `ours` at the source, `theirs` in the lab, `shipped` earlier by us."""
    write = tuple(
        name
        for name, digest in ours.items()
        if name not in theirs or (theirs[name] != digest and theirs[name] == shipped.get(name))
    )
    return Copies(write=write, keep=tuple(name for name in ours if name not in write))


def copy(origin: Path, target: Path) -> Copies:
    """Copy the start notebooks into `target`, as `plan` decides; each file appears whole.

    Raises
    ------
    OSError
        The target can't be written.
    """
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    ours = _digests(origin)
    shipped = _shipped(target)
    copies = plan(ours, _digests(target), shipped)
    for name in copies.write:
        _write(target / name, (origin / name).read_bytes())
    if copies.write:
        now = {**shipped, **{name: ours[name] for name in copies.write}}
        _write(target / SHIPPED, json.dumps(now, indent=1).encode())
    return copies


def _digests(folder: Path) -> dict[str, str]:
    names = sorted(path for path in folder.rglob("*") if path.is_file() and not _hidden(path.relative_to(folder)))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in names}


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__pycache__")) for part in path.parts)


def _shipped(target: Path) -> dict[str, str]:
    try:
        content = json.loads((target / SHIPPED).read_text())
    except (FileNotFoundError, ValueError):
        # Without a record every existing file counts as the user's own: nothing is overwritten.
        return {}
    return content if isinstance(content, dict) else {}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)
