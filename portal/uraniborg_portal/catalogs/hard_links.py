"""Files that two folders share: neither ever changes them, so that one copy on the disk is enough."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def share(source: str | Path, target: str | Path) -> None:
    """Let `target` be the file `source` too, by a hard link; a copy where the file system has none between them.

    A target that is there already stays; one that is found is whole.
    """
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        incoming = Path(target).with_name(f".{Path(target).name}-{os.getpid()}")
        shutil.copy2(source, incoming)
        incoming.replace(target)
