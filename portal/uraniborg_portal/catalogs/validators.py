"""What a host says of a file, by which one that was changed is told (RFC 9110, section 8.8)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Validators:
    """The size of a file, and the values of its Last-Modified and ETag; those of a store, where that has the file."""

    size: int
    """Bytes; 0 where nobody says."""
    modified: str = ""
    """When it was last changed, as the host writes it; empty where nobody says."""
    tag: str = ""
    """Empty where nobody says."""

    def could_be(self, other: Validators) -> bool:
        """Tell whether both may be of the same file.

        Tags count where times are not said: servers that share a name may have tags of their own.
        """
        if self.size and other.size and self.size != other.size:
            return False
        if self.modified and other.modified:
            return self.modified == other.modified
        return not (self.tag and other.tag) or self.tag == other.tag


def read(path: Path) -> Validators | None:
    """Give what `write` wrote; None where there is nothing, or no such thing."""
    try:
        return Validators(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write(said: Validators, path: Path) -> None:
    """Keep what a host said."""
    path.write_text(json.dumps(asdict(said)), "utf-8")
