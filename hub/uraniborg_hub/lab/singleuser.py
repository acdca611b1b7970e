"""The lab's server process: `python -m uraniborg_hub.lab.singleuser`, started by the spawner."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from uraniborg_hub.lab.home import prepare
from uraniborg_hub.lab.hub_modules import leave_out_hub_modules
from uraniborg_hub.omissions import leave_out_slow_packages


def import_jupyterlab() -> None:
    """Import JupyterLab without a node to be found.

    With one, the import runs yarn for the address of a registry, longer than all the rest takes
    (jupyterlab 4.6, commands.py, `_yarn_config`); only building JupyterLab would need it.
    """
    path = os.environ.get("PATH")
    os.environ["PATH"] = os.devnull
    try:
        importlib.import_module("jupyterlab.labapp")
    finally:
        os.environ.pop("PATH")
        if path is not None:
            os.environ["PATH"] = path


def main() -> None:
    """Serve the lab until a signal ends it; everything comes from `JUPYTERHUB_*` variables."""
    prepare()
    leave_out_slow_packages()
    leave_out_hub_modules()
    import_jupyterlab()
    ours = str(Path(__file__).parent / "server")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([ours, others] if others else [ours])
    from jupyterhub.singleuser.extension import main as serve

    serve()


if __name__ == "__main__":
    main()
