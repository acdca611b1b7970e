"""The lab's own folder where no hub can prepare it (a pod): the start notebooks, copied by the lab itself."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from uraniborg_hub.lab import notebooks

START_FOLDER = "URANIBORG_START_FOLDER"
"""Environment variable of a lab that prepares its folder itself: where the start notebooks go."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Errors with which the lab starts all the same: in it, the user can make room."""
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
        if error.errno in NO_ROOM:
            sys.stderr.write(f"The start notebooks are not brought up to date: {error.strerror}.\n")
            return
        sys.stderr.write(f"The lab's folder {target} can't be written: {error.strerror}.\n")
        raise SystemExit(NOT_WRITABLE) from error
