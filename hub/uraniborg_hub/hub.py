"""The hub's process, `python -m uraniborg_hub.hub --config=FILE`: JupyterHub with a faster start."""

from __future__ import annotations

from uraniborg_hub.omissions import leave_out_slow_packages


def main() -> None:
    """Run JupyterHub with the command line's arguments until a signal ends it."""
    leave_out_slow_packages()
    from jupyterhub.app import main as run

    run()


if __name__ == "__main__":
    main()
