"""The still form of a widget: what a saved notebook shows where no kernel runs."""

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

    def display(self, html: str = "", text: str = "") -> None:
        """Put the still form, empty if nothing is given, below what was displayed last."""
        from IPython.display import DisplayHandle

        self._handle = DisplayHandle()
        self._handle.display(self._bundle(html, text), raw=True)

    def update(self, png: bytes, caption: str) -> None:
        """Show another picture; nothing where the widget is not displayed."""
        data = b64encode(png).decode()
        picture = f'<img alt="{escape(caption)}" style="max-width:100%" src="data:image/png;base64,{data}">'
        self.update_html(f'{picture}<div style="font-size:small;opacity:.75">{escape(caption)}</div>', caption)

    def update_html(self, html: str, text: str) -> None:
        """Show other words; nothing where the widget is not displayed."""
        if self._handle is not None:
            self._handle.update(self._bundle(html, text), raw=True)

    def _bundle(self, html: str, text: str) -> dict[str, str]:
        return {"text/html": f'<div class="ub-{self.key}">{html}</div>', "text/plain": text}
