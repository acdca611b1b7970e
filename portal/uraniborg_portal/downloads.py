"""Files over HTTP, whole or in part, from wherever the portal keeps them."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from uraniborg_portal.errors import NotFound
from uraniborg_portal.ranges import Unsatisfiable, range_of
from uraniborg_portal.storage import Storage, StoredFile

IMMUTABLE = {"Cache-Control": "private, max-age=31536000, immutable"}
"""What is kept under a path never changes."""


def download_of(request: Request, storage: Storage, file: StoredFile, removed: NotFound) -> Response:
    """Give a file; a client may ask for a range of it.

    Raises
    ------
    NotFound
        Somebody removed it: `removed` says so.
    """
    local = storage.local(file.path)
    if local is None:
        return streamed(request, storage, file, removed)
    if not local.is_file():
        raise removed
    return FileResponse(local, media_type=file.media_type, filename=file.name, headers=IMMUTABLE)


def streamed(request: Request, storage: Storage, file: StoredFile, removed: NotFound) -> Response:
    """Give a file that is elsewhere, piece by piece."""
    try:
        size = storage.size(file.path)
    except FileNotFoundError as error:
        raise removed from error
    headers = headers_of(file)
    wanted = request.headers.get("range")
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        wanted = None
    try:
        part = range_of(wanted, size)
    except Unsatisfiable:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    start, end = part or (0, size)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    pieces = storage.pieces(file.path, start, end)
    return StreamingResponse(pieces, 206 if part else 200, media_type=file.media_type, headers=headers)


def headers_of(file: StoredFile) -> dict[str, str]:
    """Give the headers that do not depend on what is asked; a path names its content forever."""
    headers = {
        **IMMUTABLE,
        "Accept-Ranges": "bytes",
        "ETag": f'"{hashlib.sha256(file.path.encode()).hexdigest()[:32]}"',
    }
    if file.name:
        plain = quote(file.name)
        form = f'filename="{file.name}"' if plain == file.name else f"filename*=utf-8''{plain}"
        headers["Content-Disposition"] = f"attachment; {form}"
    return headers
