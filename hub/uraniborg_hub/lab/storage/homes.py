"""Measures the homes of all users on a shared volume, for the operator: `python -m … FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from uraniborg_hub.lab.storage.usage import measure

METRIC = "uraniborg_home_bytes"
HEAD = f"# HELP {METRIC} What a user's files take on the shared volume.\n# TYPE {METRIC} gauge\n"
SECONDS = 3600.0
"""How long the measurement of one home may take."""


def sizes(folder: Path, rest: float) -> Iterator[tuple[str, int]]:
    """Give each home in a folder and what it takes, bytes; `rest` seconds of rest after each small step."""
    for home in sorted(folder.iterdir()):
        if home.is_dir() and not home.is_symlink():
            yield home.name, measure(home, SECONDS, rest).bytes


def report(found: Iterable[tuple[str, int]]) -> str:
    """Give the sizes in Prometheus' text format, the largest first."""
    ordered = sorted(found, key=lambda each: each[1], reverse=True)
    return HEAD + "".join(f'{METRIC}{{home="{_escaped(name)}"}} {taken}\n' for name, taken in ordered)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


if __name__ == "__main__":
    sys.stdout.write(report(sizes(Path(sys.argv[1]), rest=0.05)))
