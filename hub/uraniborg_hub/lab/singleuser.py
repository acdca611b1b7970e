"""The lab's server process: `python -m uraniborg_hub.lab.singleuser`, started by the spawner."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

SLOW = frozenset({"rfc3987_syntax"})
"""Optional packages that cost more at a start than they give: `rfc3987_syntax`, which checks the form of URLs in the
schemas of jupyter-events, compiles a grammar for a second, half of the time that the server takes to start."""


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


def main() -> None:
    """Serve the lab until a signal ends it; everything comes from `JUPYTERHUB_*` variables."""
    sys.meta_path.insert(0, Without(SLOW))
    ours = str(Path(__file__).parent / "server")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([ours, others] if others else [ours])
    from jupyterhub.singleuser.extension import main as serve

    serve()


if __name__ == "__main__":
    main()
