"""Optional packages that our processes leave out, because they cost more at a start than they give."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

SLOW = frozenset({"rfc3987_syntax"})
"""`rfc3987_syntax`, with which jsonschema checks the form of internationalized URLs, compiles a grammar at its import:
a second, nearly half of the time in which JupyterHub and a lab's server start. jsonschema goes on without it."""


class Without(MetaPathFinder):
    """Makes packages look as if they were not installed."""

    def __init__(self, packages: frozenset[str]) -> None:
        self.packages = packages

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Refuse the packages; say nothing about others.

        Raises
        ------
        ModuleNotFoundError
            It is one of the packages.
        """
        if fullname.partition(".")[0] in self.packages:
            raise ModuleNotFoundError(f"{fullname} is left out of this process", name=fullname)
        return None


def leave_out_slow_packages() -> None:
    """Make this process start without them; before anything imports them."""
    sys.meta_path.insert(0, Without(SLOW))
