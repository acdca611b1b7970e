"""The figure of a product, in a notebook."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from uraniborg.widgets._base import Carrier
from uraniborg.widgets._modules import Program, bokeh_script, bokeh_version

if TYPE_CHECKING:
    from bokeh.model import Model

    from uraniborg._portal import Portal


class View(Carrier):
    """A Bokeh figure that the portal made; the last line of a cell shows it."""

    def __init__(self, portal: Portal, path: str, label: str) -> None:
        self._path = path
        super().__init__(portal, label)

    @cached_property
    def figure(self) -> Model:
        """The figure as a Bokeh model, to change it or to save it with `bokeh.io`."""
        from bokeh.document import Document

        item = json.loads(self._portal.content(self._path))
        document = Document.from_json(item["doc"])
        figure = document.roots[0]
        document.remove_root(figure)
        return figure

    def program(self) -> Program:
        """Give BokehJS alone: the portal's item says what is drawn."""
        return Program(entry="", modules={}, bokeh=bokeh_script(self._portal), version=bokeh_version())

    def options(self) -> dict[str, object]:
        """Give the path of the portal's item."""
        return {"view": self._path}
