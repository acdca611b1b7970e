"""The browser's code of the portal: which files an entry point needs, and BokehJS, as the front end gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from uraniborg._errors import UraniborgError

if TYPE_CHECKING:
    from uraniborg._portal import Portal

BOKEH = "static/bokeh/bokeh-{version}.min.js"


@dataclass(frozen=True, kw_only=True)
class Program:
    """What the front end loads: ES modules by their path, and BokehJS of one version."""

    entry: str
    """Path of the module that exports `mount`; empty where a widget only draws a figure."""
    modules: Mapping[str, str]
    """Text of every module by path, the entry included; they import each other by relative paths."""
    bokeh: bytes
    version: str
    """Version of BokehJS."""


def program(portal: Portal, entry: str) -> Program:
    """Give the program of an entry point ("browse", "instrument"); files are fetched once per kernel.

    Raises
    ------
    UraniborgError
        The portal has no such entry point.
    """
    listing = portal.get("static/modules.json")
    files = listing.get(entry)
    if not files:
        raise UraniborgError(f"This platform has no {entry!r} widget.", "Its version may be older than this library.")
    texts = {path: _text(portal, path) for path in files}
    return Program(entry=_entry(entry, files), modules=texts, bokeh=bokeh_script(portal), version=bokeh_version())


def bokeh_version() -> str:
    """Give the version of Bokeh in this kernel, which is the one that draws."""
    from bokeh import __version__

    return str(__version__)


@lru_cache(maxsize=1)
def bokeh_script(portal: Portal) -> bytes:
    """Give BokehJS: the kernel's own copy, or the portal's where the kernel's lacks the file."""
    from bokeh.settings import settings

    local = settings.bokehjs_path() / "js" / "bokeh.min.js"
    return local.read_bytes() if local.is_file() else portal.content(BOKEH.format(version=bokeh_version()))


@lru_cache(maxsize=128)
def _text(portal: Portal, path: str) -> str:
    return portal.content(f"static/{path}").decode()


def _entry(name: str, files: list[str]) -> str:
    """Give the module that has the entry point's name (`browse/browse.js`), the first one otherwise."""
    return next((path for path in files if PurePosixPath(path).stem == name), files[0])
