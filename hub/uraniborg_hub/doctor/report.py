"""The findings of `uraniborg doctor` as a table or as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from uraniborg_hub.doctor.checks import CHECKS
from uraniborg_hub.doctor.finding import Finding
from uraniborg_hub.settings import HubSettings

MARKS = {"ok": "[green]ok[/green]", "note": "[yellow]note[/yellow]", "wrong": "[red]wrong[/red]"}


def report(settings: HubSettings, *, as_json: bool) -> int:
    """Run every check, print what was seen, and give the exit code: 1 when anything is wrong, otherwise 0."""
    findings = [check(settings) for check in CHECKS]
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        Console(soft_wrap=True).print(_table(findings))
    return int(any(finding.state == "wrong" for finding in findings))


def _table(findings: list[Finding]) -> Table:
    table = Table("", "check", "seen", "fix", box=None, pad_edge=False)
    for finding in findings:
        table.add_row(MARKS[finding.state], finding.name, finding.seen, finding.fix)
    return table
