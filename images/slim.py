"""Makes an environment small and final: nothing that only tests or compilers read, every module compiled, one date.

    python3 slim.py FOLDER [--built-under PREFIX]

Compiled modules are of the unchecked kind: Python never compares them with their sources, so they hold on a read-only
root and when a builder or a registry rewrites dates. With one date for all files, the same lock on the same base gives
the same layer, which an upgrade then does not pull again.
"""

from __future__ import annotations

import argparse
import compileall
import os
import py_compile
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

TESTED = (
    "astropy",
    "cdshealpix",
    "dask",
    "jupyterhub",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "pyvo",
    "scipy",
    "tornado",
)
"""Packages with large test suites inside that nothing else imports. Not h5py: it imports its own."""
NEEDED = ("astropy/tests",)
"""Folders with the name of tests that their package imports."""
HEADERS = ("pyarrow/include", "pyarrow/src")
SOURCES = frozenset({".a", ".c", ".cpp", ".map"})
"""Suffixes of static archives, of what compilers made extensions from, and of what browsers' debuggers ask for."""
DATE = 1577836800
"""2020-01-01, in seconds: after the earliest date that a zip file can hold."""


def superfluous(folder: Path) -> Iterator[Path]:
    """Give folders and files of an environment that no running program reads."""
    yield from (path for path in sorted(folder.rglob("*")) if path.suffix in SOURCES and path.is_file())
    for packages in folder.glob("lib/python3.*/site-packages"):
        yield from _unread(packages)


def _unread(packages: Path) -> Iterator[Path]:
    kept = {packages / name for name in NEEDED}
    for name in TESTED:
        for folder in ("test", "tests"):
            yield from (path for path in sorted((packages / name).rglob(folder)) if path.is_dir() and path not in kept)
    yield from (packages / name for name in HEADERS)


def remove(paths: Sequence[Path]) -> None:
    """Remove files and whole folders; what is gone already is no error."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def compile_modules(folder: Path, built_under: str | None) -> None:
    """Compile all modules below, with their names less the prefix; files that are no Python stay as they are."""
    compileall.compile_dir(
        folder,
        maxlevels=100,
        force=True,
        quiet=2,
        workers=0,
        stripdir=built_under,
        prependdir="/" if built_under else None,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def date(folder: Path) -> None:
    """Give the folder and everything below one date; links are dated, not what they point to."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (DATE, DATE), follow_symlinks=False)


def main(arguments: Sequence[str] | None = None) -> None:
    """Do all three to one environment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--built-under", metavar="PREFIX", help="part of FOLDER that is not there in the image")
    asked = parser.parse_args(arguments)
    remove(list(superfluous(asked.folder)))
    compile_modules(asked.folder, asked.built_under)
    # The folders between the prefix and the environment come into the layer as well.
    date(Path(asked.built_under or asked.folder))


if __name__ == "__main__":
    main()
