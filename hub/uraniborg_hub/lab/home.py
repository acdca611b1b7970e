"""The lab's own folder where no hub can prepare it (a pod): the start notebooks, copied by the lab itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from uraniborg_hub.lab import notebooks

START_FOLDER = "URANIBORG_START_FOLDER"
"""Environment variable of a lab that prepares its folder itself: where the start notebooks go."""
NOT_WRITABLE = 73
"""Exit code of a lab whose folder can't be written (EX_CANTCREAT)."""


def prepare(variables: Mapping[str, str] = os.environ) -> None:
    """Copy the start notebooks where the environment says so; nothing where it says nothing.

    Raises
    ------
    SystemExit
        The folder can't be written; with a sentence on standard error and the code `NOT_WRITABLE`.
    """
    target = variables.get(START_FOLDER)
    if not target:
        return
    try:
        notebooks.copy(notebooks.source(), Path(target))
    except OSError as error:
        sys.stderr.write(f"The lab's folder {target} can't be written: {error.strerror}.\n")
        raise SystemExit(NOT_WRITABLE) from error
