"""Programs of the machine, run to their end."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from recipe.errors import RecipeError


def run(*argv: str | Path, folder: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a program and give what it printed, without the last line's end.

    Raises
    ------
    RecipeError
        It ended with an error, or there is no such program; has the last lines that it said.
    """
    words = tuple(str(word) for word in argv)
    try:
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise RecipeError(f"{words[0]} is missing.", "Install it, or set KUBECONFIG to a cluster you have.") from error
    if done.returncode:
        raise RecipeError.for_command(words, done.returncode, done.stderr or done.stdout)
    return done.stdout.strip()


def succeeds(*argv: str | Path) -> bool:
    """Whether a program ends without an error."""
    words = [str(word) for word in argv]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0
