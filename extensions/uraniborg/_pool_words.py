"""What a pool's facts say, for people: plain text for terminals, still HTML for saved notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

Facts = Mapping[str, Any]
"""What the broker says of one pool; `figures` is there after a look at what it does now."""


def gibibytes(number: float) -> str:
    """Give bytes as a person writes them."""
    return f"{number / 2**30:.2g} GiB"


def workers(facts: Facts) -> str:
    """Give how many workers there are of those wanted, and who decides on the number."""
    bounds = facts.get("adapt")
    range_ = f" ({bounds['minimum']} to {bounds['maximum']} as the load wants)" if bounds else ""
    return f"{facts['ready']} of {facts['workers']} workers{range_}"


def size(facts: Facts) -> str:
    """Give workers, the size of each, and why some are not there."""
    threads = "1 thread" if facts["threads"] == 1 else f"{facts['threads']} threads"
    text = f"{workers(facts)}, each with {threads} and {gibibytes(facts['memory'])}"
    return f"{text}. {facts['waiting']}" if facts.get("waiting") else text


def load(facts: Facts) -> str:
    """Give memory and tasks of the whole pool; empty while its scheduler does not tell."""
    figures = facts.get("figures")
    if not figures:
        return ""
    used, limit = (sum(worker[name] for worker in figures["workers"]) for name in ("memory", "limit"))
    tasks = f"{figures['done']:,} done, {figures['processing']:,} computing, {figures['waiting']:,} waiting"
    failed = f", {figures['failed']:,} failed" if figures["failed"] else ""
    return f"{gibibytes(used)} of {gibibytes(limit)} memory used; tasks: {tasks}{failed}"


def text(facts: Facts) -> str:
    """Give a pool in one line."""
    if facts["state"] != "running":
        return f"<Pool {facts['name']}: {' '.join((facts['state'], str(facts.get('reason') or ''))).strip()}>"
    parts = (size(facts), load(facts), f"dashboard {facts['dashboard']}")
    return f"<Pool {facts['name']}: {'; '.join(part for part in parts if part)}>"


def html(facts: Facts) -> str:
    """Give a pool as still HTML, which needs no kernel and no script."""
    lines = [f"<strong>Pool {escape(facts['name'])}</strong>: {escape(facts['state'])}"]
    if facts["state"] == "running":
        link = f"<a href='{escape(facts['dashboard'])}' target='_blank' rel='noopener'>Dashboard</a>"
        lines += [escape(size(facts)), escape(load(facts)), link]
    else:
        lines.append(escape(str(facts.get("reason") or "")))
    return f"<div>{'<br>'.join(line for line in lines if line)}</div>"
