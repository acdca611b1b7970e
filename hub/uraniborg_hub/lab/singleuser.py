"""The lab's server process: `python -m uraniborg_hub.lab.singleuser`, started by the spawner."""

from __future__ import annotations

import os
from pathlib import Path

from uraniborg_hub.lab.home import prepare
from uraniborg_hub.omissions import leave_out_slow_packages


def main() -> None:
    """Serve the lab until a signal ends it; everything comes from `JUPYTERHUB_*` variables."""
    prepare()
    leave_out_slow_packages()
    ours = str(Path(__file__).parent / "server")
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join([ours, others] if others else [ours])
    from jupyterhub.singleuser.extension import main as serve

    serve()


if __name__ == "__main__":
    main()
