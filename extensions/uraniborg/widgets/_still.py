"""The still picture of a widget: what a saved notebook shows where no kernel runs."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any
from uuid import uuid4


class Still:
    """A second output below the widget, hidden by the living widget, kept up to date with the browser's picture.

    `image/png` beside the widget in one output would not do: a trusted notebook with a fresh kernel then shows
    "Error displaying widget" and no picture.
    """

    def __init__(self) -> None:
        self.key = uuid4().hex
        """The class `ub-<key>` of the picture, by which the widget hides it."""
        self._handle: Any = None

    def display(self) -> None:
        """Put the (empty) picture below what was displayed last."""
        from IPython.display import DisplayHandle

        self._handle = DisplayHandle()
        self._handle.display(self._bundle("", ""), raw=True)

    def update(self, png: bytes, caption: str) -> None:
        """Show another picture; nothing where the widget is not displayed."""
        if self._handle is not None:
            self._handle.update(self._bundle(b64encode(png).decode(), caption), raw=True)

    def _bundle(self, data: str, caption: str) -> dict[str, str]:
        if not data:
            return {"text/html": f'<div class="ub-{self.key}"></div>', "text/plain": ""}
        picture = f'<img alt="{escape(caption)}" style="max-width:100%" src="data:image/png;base64,{data}">'
        told = f'<div style="font-size:small;opacity:.75">{escape(caption)}</div>'
        return {"text/html": f'<div class="ub-{self.key}">{picture}{told}</div>', "text/plain": caption}
