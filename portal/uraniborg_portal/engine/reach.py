"""What an engine reaches beside the catalogs on this machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from uraniborg_portal.engine.scans import StepTable
from uraniborg_portal.settings import RemoteCatalogs


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Tables of users, workers elsewhere, and shards of other hosts."""

    kept_in: Path | None = None
    """The folder of users' tables; None where there are none."""
    step_table: StepTable | None = None
    """Answers steps of long queries; None: processes here."""
    remote: RemoteCatalogs = field(default_factory=RemoteCatalogs)
    """How shards of other hosts are fetched and kept."""
