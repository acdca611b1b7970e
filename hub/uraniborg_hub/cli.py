"""The hub's verbs of the command `uraniborg`."""

from __future__ import annotations

from typing import Annotated

import typer


def register(root: typer.Typer) -> None:
    """Add `up`, `link`, `token` and `doctor`."""
    root.command()(up)
    root.command()(link)
    root.command()(token)
    root.command()(doctor)


def up(
    browser: Annotated[bool, typer.Option(help="Open the sign-in link when there is a desktop.")] = True,
) -> None:
    """Start the platform on this machine: proxy, hub, portal and pools. Ctrl-C ends it.

    Examples: `uraniborg up`, `URANIBORG_PORT=8010 uraniborg up --no-browser`
    """
    from uraniborg_hub.laptop.up import up as run
    from uraniborg_hub.settings import HubSettings

    run(HubSettings(), open_browser=browser)


def link(
    user: Annotated[str | None, typer.Argument(help="Who signs in; the owner where absent.")] = None,
) -> None:
    """Print another one-time sign-in link of the running platform; it works for ten minutes.

    On a cluster: in the hub's pod. Examples: `uraniborg link`, `uraniborg link tycho`
    """
    from uraniborg_hub.settings import HubSettings

    settings = HubSettings()
    if settings.kubernetes:
        from uraniborg_hub.auth.cluster_link import cluster_link

        typer.echo(cluster_link(settings, user))
    else:
        from uraniborg_hub.laptop import run_file
        from uraniborg_hub.laptop.up import sign_in_link

        running = run_file.demand(settings.home)
        typer.echo(sign_in_link(settings.home, running.url, user or settings.owner))


def token(
    note: Annotated[str, typer.Option(help="What it is for; shown on the hub's token page.")] = "uraniborg token",
    days: Annotated[float, typer.Option(help="Days until it stops working.", min=0.01, max=365)] = 30,
) -> None:
    """Print a token of the owner for programs: TOPCAT and STILTS as password, pyvo and scripts as Bearer.

    Examples: `uraniborg token`, `uraniborg token --note TOPCAT --days 7`
    """
    from uraniborg_hub.laptop import run_file, tokens
    from uraniborg_hub.laptop.up import sign_in_link
    from uraniborg_hub.settings import HubSettings

    settings = HubSettings()
    running = run_file.demand(settings.home)
    fresh = sign_in_link(settings.home, running.url, settings.owner)
    typer.echo(tokens.make_token(fresh, running.url, settings.owner, note=note, days=days))


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Check this installation and print a fix for each thing that is wrong; a bug report asks for its output.

    Exit code 0 when nothing is wrong, 1 otherwise. Examples: `uraniborg doctor`, `uraniborg doctor --json`
    """
    from uraniborg_hub.doctor.report import report
    from uraniborg_hub.settings import HubSettings

    raise typer.Exit(report(HubSettings(), as_json=json))
