"""Scripts, styles and icons; BokehJS comes out of the installed bokeh package."""

from __future__ import annotations

from pathlib import Path

import bokeh
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from uraniborg_portal.errors import NotFound
from uraniborg_portal.web.modules import STATIC, listing

router = APIRouter()
FILES = StaticFiles(directory=STATIC)
BOKEH = Path(bokeh.__file__).parent / "server" / "static" / "js" / "bokeh.min.js"
BOKEH_NAME = f"bokeh-{bokeh.__version__}.min.js"
"""The name holds the version, so that browsers may keep the file for good."""


@router.get("/static/modules.json", include_in_schema=False)
def modules() -> JSONResponse:
    """Give the load order of each entry point's modules (the entry first, then its imports); readers."""
    return JSONResponse(listing())


@router.get("/static/bokeh/{name}", include_in_schema=False)
def bokeh_script(name: str) -> FileResponse:
    """Give BokehJS of the installed version; readers."""
    if name != BOKEH_NAME:
        raise NotFound(f"BokehJS here is {BOKEH_NAME}, not {name[:60]!r}.", "Ask for that version.")
    return FileResponse(
        BOKEH, media_type="text/javascript", headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )


@router.get("/static/{path:path}", include_in_schema=False)
async def static(path: str, request: Request) -> Response:
    """Give a file of the static folder, and 304 to a browser that has it already; readers."""
    response = await FILES.get_response(path, request.scope)
    response.headers["Cache-Control"] = "no-cache"
    return response
