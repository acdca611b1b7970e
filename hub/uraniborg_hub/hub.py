"""The hub's process, `python -m uraniborg_hub.hub --config=FILE`: JupyterHub with a faster start and a calm outage."""

from __future__ import annotations

from uraniborg_hub.omissions import leave_out_slow_packages


def main() -> None:
    """Run JupyterHub with the command line's arguments until a signal ends it."""
    leave_out_slow_packages()
    from uraniborg_hub.application import Hub

    Hub.launch_instance()


if __name__ == "__main__":
    main()
