"""`uraniborg up`: the whole platform on this machine, from state folder to sign-in link."""

from __future__ import annotations

import os
import sys
import time
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from uraniborg_hub.auth import links
from uraniborg_hub.laptop import node, ports, processes, run_file, state
from uraniborg_hub.laptop.plan import Platform, Ports, Secrets
from uraniborg_hub.laptop.plan import processes as plan_processes
from uraniborg_hub.laptop.supervisor import Stopped, Supervisor, signals
from uraniborg_hub.names import PLATFORM
from uraniborg_hub.settings import HubSettings


def up(settings: HubSettings, *, open_browser: bool) -> None:
    """Run the platform in the foreground until a signal comes; then nothing that it started is left.

    Raises
    ------
    PlatformError
        It can't start: port taken, state folder refused, proxy not installable, or a process failed.
    """
    began = time.monotonic()
    state.open_state(settings.home)
    with state.lock(settings.home), signals():
        ports.demand_free(settings.host, settings.port)
        processes.end_strangers(PLATFORM, str(settings.home))
        platform = _platform(settings)
        supervisor = Supervisor(plan_processes(platform, os.environ), settings.home / "hub" / "logs")
        try:
            supervisor.start(_progress(began))
            run_file.write(settings.home, platform, {name: p.pid for name, p in supervisor.running.items()})
            _welcome(settings, platform, began, open_browser)
            supervisor.watch()
        except Stopped:
            typer.echo("\nStopping: labs, pools, portal, hub, proxy …")
        finally:
            supervisor.end()
            run_file.remove(settings.home)
    typer.echo("Stopped. Notebooks and results are kept in " + str(settings.home))


def _platform(settings: HubSettings) -> Platform:
    proxy_api, hub, portal, pools = ports.free_ports(4)
    return Platform(
        home=settings.home,
        host=settings.host,
        ports=Ports(public=settings.port, proxy_api=proxy_api, hub=hub, portal=portal, pools=pools),
        secrets=Secrets(),
        node=node.node(),
        proxy_script=node.ensure_proxy(),
        hub_config=_hub_config(),
    )


def _hub_config() -> Path:
    """Give JupyterHub's configuration file: beside the package in a checkout, under `share` of an installed wheel."""
    beside = Path(__file__).parents[2] / "jupyterhub_config.py"
    return beside if beside.exists() else Path(sys.prefix) / "share" / "uraniborg" / "jupyterhub_config.py"


def _progress(began: float) -> Callable[[str], None]:
    def show(name: str) -> None:
        typer.echo(f"  {name} answers after {time.monotonic() - began:.1f} s")

    typer.echo("Starting Uraniborg …")
    return show


def sign_in_link(home: Path, url: str, user: str) -> str:
    """Give a fresh one-time link that signs `user` in; it works for ten minutes."""
    return f"{url}hub/link?token={links.issue(home, user)}"


def _welcome(settings: HubSettings, platform: Platform, began: float, open_browser: bool) -> None:
    link = sign_in_link(settings.home, platform.url, settings.owner)
    typer.echo(
        f"Uraniborg runs at {platform.url} after {time.monotonic() - began:.1f} s. Sign in (once, within 10 minutes):\n"
    )
    typer.echo(f"    {link}\n")
    typer.echo("`uraniborg link` prints another. Ctrl-C ends everything.")
    sys.stdout.flush()
    if open_browser and has_desktop(os.environ):
        webbrowser.open(link)


def has_desktop(environment: Mapping[str, str]) -> bool:
    """Say whether a browser could open here: a display on Linux, any session on macOS, no CI, no SSH."""
    if environment.get("CI") or environment.get("SSH_CONNECTION"):
        return False
    return sys.platform == "darwin" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
