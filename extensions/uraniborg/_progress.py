"""How far a job is: a line on a terminal, a bar in a notebook."""

from __future__ import annotations

import sys
from html import escape
from typing import Any, Protocol


class Progress(Protocol):
    """Shows how far something is."""

    def show(self, fraction: float, text: str) -> None:
        """Show a fraction from 0 to 1 and what is being done."""

    def end(self) -> None:
        """Take the bar away."""


class Line:
    """One line on a terminal that is written over; nothing where stderr is a file."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def show(self, fraction: float, text: str) -> None:
        """Write the line again."""
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{fraction:4.0%} {text}")
            sys.stderr.flush()

    def end(self) -> None:
        """Clear the line."""
        if self._terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class Bar:
    """A plain HTML progress bar below the cell, updated in place; it leaves nothing in the saved notebook."""

    def __init__(self) -> None:
        from IPython.display import DisplayHandle

        self._handle: Any = DisplayHandle()
        self._shown = False

    def show(self, fraction: float, text: str) -> None:
        """Draw the bar again."""
        bar = f'<progress max="1" value="{fraction:.3f}" style="width:16em"></progress> {fraction:.0%} {escape(text)}'
        self._draw(bar, f"{fraction:.0%} {text}")

    def end(self) -> None:
        """Empty the output."""
        if self._shown:
            self._draw("", "")

    def _draw(self, html: str, text: str) -> None:
        (self._handle.update if self._shown else self._handle.display)(
            {"text/html": html, "text/plain": text}, raw=True
        )
        self._shown = True


def in_notebook() -> bool:
    """Whether a notebook runs this."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def for_here() -> Progress:
    """Give the bar that fits: HTML where a notebook runs this, a line otherwise."""
    return Bar() if in_notebook() else Line()
