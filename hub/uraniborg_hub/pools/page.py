"""The page of pools: a user's own, each with its dashboard and a button that stops it; for admins the jobs' too."""

from __future__ import annotations

import asyncio
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from uraniborg_hub.pools.body import bounded
from uraniborg_hub.pools.context import context
from uraniborg_hub.pools.errors import PoolError
from uraniborg_hub.pools.figures import Figures
from uraniborg_hub.pools.identity import refuse_other_pages
from uraniborg_hub.pools.limits import readable
from uraniborg_hub.pools.lives import Pool
from uraniborg_hub.pools.models import PoolSpec, State
from uraniborg_hub.pools.routes import CLOSED, owned

router = APIRouter()

STYLE = Path(__file__).with_name("pools.css")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def document(title: str, body: str, prefix: str, *, refresh: bool = False) -> str:
    """Give a whole page; `refresh` loads it again after three seconds, while something is under way."""
    again = '<meta http-equiv="refresh" content="3">' if refresh else ""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Uraniborg</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{again}'
        f'<link rel="stylesheet" href="{escape(prefix)}static/pools.css">'
        "</head>"
        f'<body><nav><a href="/">Uraniborg</a></nav><main><h1>{escape(title)}</h1>{body}</main></body></html>'
    )


def error_page(error: PoolError, prefix: str) -> HTMLResponse:
    """Give an error's words as a page."""
    body = f'<p role="alert">{escape(error.message)}</p><p>{escape(error.remedy)}</p>'
    return HTMLResponse(document("That did not work", body, prefix), error.status, headers={**HEADERS, **error.headers})


def load(figures: Figures) -> str:
    """Give a sentence on what a pool does now."""
    used, limit = sum(each.memory for each in figures.workers), sum(each.limit for each in figures.workers)
    failed = f", {figures.failed:,} failed" if figures.failed else ""
    return (
        f"{readable(used)} of {readable(limit)} memory used. Tasks: {figures.done:,} done, "
        f"{figures.processing:,} computing, {figures.waiting:,} waiting{failed}."
    )


def card(pool: Pool, prefix: str, figures: Figures | None) -> str:
    """Give one pool: name, state, size, load, dashboard, and the button that stops it; one for jobs is only shown."""
    spec, name, own = pool.spec, escape(pool.spec.name), pool.spec.standing is None
    link = f'<a href="{escape(prefix)}{name}/status">Dashboard</a>' if pool.state is State.RUNNING and own else ""
    stop = (
        f'<form method="post" action="{escape(prefix)}"><input type="hidden" name="stop" value="{name}">'
        f'<button aria-label="Stop the pool {name}">Stop</button></form>'
    )
    return (
        f'<li class="{pool.state.value}"><h2>{name}</h2>'
        f"<p><strong>{pool.state.value}</strong> {escape(pool.reason)}</p>"
        f"<p>{pool.ready} of {spec.workers} workers ready{_adapting(spec)}; each has {spec.threads} "
        f"thread{'' if spec.threads == 1 else 's'} and {readable(spec.memory)}. {escape(pool.waiting)}</p>"
        f"<p>{load(figures) if figures else ''}</p>"
        f'<p class="actions">{link}</p>{stop if pool.state is not State.STOPPING and own else ""}</li>'
    )


def _adapting(spec: PoolSpec) -> str:
    return f", from {spec.adapt.minimum} to {spec.adapt.maximum} as its load wants" if spec.adapt else ""


def moves(pool: Pool, figures: Figures | None) -> bool:
    """Whether a pool is about to look different."""
    busy = figures is not None and figures.processing + figures.waiting > 0
    return busy or pool.state in (State.STARTING, State.STOPPING)


@router.get("/")
async def mine(request: Request) -> HTMLResponse:
    """Show the asker's own pools, and an admin that of the jobs. For signed-in users; others are led to sign in."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    pools = [pool for pool in parts.pools.all() if pool.spec.owner == asker.name]
    standing = parts.standing.shown() if asker.admin else None
    shown = [*pools, *([standing] if standing else [])]
    looks = dict(zip(shown, await asyncio.gather(*(pool.figures() for pool in shown)), strict=True))
    cards = {pool: card(pool, parts.service.prefix, figures) for pool, figures in looks.items()}
    body = f"<ul>{''.join(cards[pool] for pool in pools)}</ul>" if pools else "<p>You have no pool.</p>"
    limits = parts.limits
    body += (
        "<p>In a notebook, <code>ub.Pool(workers=4)</code> makes one. "
        f"You may have {limits.pools_per_user} pools and {limits.workers_per_user} workers in all; "
        f"a pool ends with its lab, or after {limits.idle_seconds / 60:g} minutes without a task.</p>"
    )
    if standing:
        body += f"<h2>The pool of the portal's jobs</h2><ul>{cards[standing]}</ul>"
    moving = any(moves(pool, figures) for pool, figures in looks.items())
    return HTMLResponse(document("My pools", body, parts.service.prefix, refresh=moving), headers=HEADERS)


@router.post("/")
async def stopped(request: Request) -> Response:
    """Stop one of the asker's pools, from the page's own form, and show the page again. For signed-in users."""
    parts = context(request)
    asker = await parts.identity.asker(request)
    refuse_other_pages(request, asker, parts.service)
    form = parse_qs((await bounded(request)).decode(errors="replace"))
    pool = owned(parts, asker, form.get("stop", [""])[0], admins=False)
    await parts.pools.end(pool, CLOSED)
    return RedirectResponse(parts.service.prefix, 303)


@router.get("/static/pools.css")
async def style() -> Response:
    """Give the page's style. For anyone."""
    return Response(STYLE.read_text(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})
